"""Ten models of ten tenants: the work, and each side of it as a process."""
