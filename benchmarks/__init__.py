"""What the bot costs, as ratios of two things measured in turns in one run."""
