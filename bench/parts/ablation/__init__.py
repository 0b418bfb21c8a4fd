"""Ten vision and acoustic models as in SensiX++, what is lost without each idea, and what a change takes."""
