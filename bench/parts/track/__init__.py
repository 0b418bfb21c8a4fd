"""Made-up scenes with known identities, those who follow them, and their scores."""
