"""Is the right customer found, and never a wrong one? Measured on invented people, shops and tickets.

`python -m bench.identity [--tickets 30000] [--seed 4] [--json FILE]` prints the figures and ends with 1 where one
of them misses its bar. Everything is drawn from the seed; nothing is downloaded and nobody in it is real.
"""
