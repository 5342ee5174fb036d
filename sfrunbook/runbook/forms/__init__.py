"""The forms of each step: what someone fills in and presses in a notebook. Loaded only where someone is there."""
