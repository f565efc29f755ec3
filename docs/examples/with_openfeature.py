"""Summarises an encounter through an OpenFeature SDK: the flag is the prompt, its value is what may be run."""

import os

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

PROMPT = "clinical-summarization"
DEFAULT = {"downtime_text": "The formulary cannot be asked. Write the note by hand."}
HEADERS = {"Authorization": "Bearer " + os.environ["FORMULARY_TOKEN"]}

api.set_provider(OFREPProvider(os.environ["FORMULARY_URL"], headers_factory=lambda: HEADERS))


def summarise(encounter, text, call_model):
    """The summary, or what staff do instead. ``call_model`` takes model, messages and parameters."""
    context = EvaluationContext(encounter, {"site": "North"})
    run = api.get_client().get_object_value(PROMPT, DEFAULT, context)
    if "messages" not in run:  # stopped, nothing live, refused, or the server is away
        return run["downtime_text"]
    messages = [{**m, "content": m["content"].replace("{encounter_text}", text)} for m in run["messages"]]
    return call_model(run["model"], messages, **run["parameters"])
