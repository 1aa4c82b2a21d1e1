"""Ratios against baselines in the same run. `python -m bench`; see docs/bench.md."""
