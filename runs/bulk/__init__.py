"""Acts on many things: selection, preview, job, results. The door is `jobs`; `working` is the scheduler's duty."""
