"""Weekly and monthly reports: periods, what they say, and how they are kept, exported and sent."""
