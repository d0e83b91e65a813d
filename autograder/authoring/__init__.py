"""What authors run: `build` (solutions/ -> exercises/) and `audit` (is everything true?)."""
