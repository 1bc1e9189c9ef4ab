"""The engine: claims runs behind the gate, walks their steps, records outcomes, and repairs what crashes leave.

The database row is the truth; a broker's message is a doorbell (docs/architecture.md).
"""
