"""The life of a sensor: its states, its reader, the watchdog, reconnecting, and who keeps them all.

docs/sensors.md tells it for people. `states` is the state machine, `backoff` the waits between two tries,
`drift` the clocks, `reader` the thread that reads, `feed` one sensor's whole life, `keeper` the thread that
watches all sensors, `control` what programs use.
"""
