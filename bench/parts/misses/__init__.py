"""Ten models with bounds under loads that nobody holds back, for real and on a virtual clock."""
