"""The simulator: a rollout with thousands of invented encounters of known harm, through the real engine, in a house that is thrown away.

What must not live here: any rule of a rollout. Everything that decides is asked for it: plan, assignment, delivery, reports, watch.
"""
