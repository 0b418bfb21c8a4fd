"""Workloads that are run and simulated."""
