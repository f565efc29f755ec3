"""The only module that imports litellm: once, with its downloads, logs, prices and recorders off, and with the offline model in it.

This is the one place that sets environment variables: litellm reads them while it is imported and offers no other
switch. Without them it downloads a price list, loads a .env file of the working folder and may phone home. What must not
live here: requests and replies (see transport).
"""

from __future__ import annotations

import functools
import gc
import importlib
import logging
import os
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from webapp.adapters.clock import now
from webapp.adapters.llm.offline.answer import answer_messages

OFFLINE_PROVIDER = "formulary-offline"
GUARDS = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_OFFLINE_MODE": "true",
    "LITELLM_LOG": "ERROR",
    # Providers in the OpenAI form are asked through litellm's own client, as all others are: half the work of the vendor's.
    "EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER": "true",
}
# On level DEBUG these write whole requests: prompts and patients' texts.
TALKATIVE_LOGS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai", "anthropic", "httpx", "httpcore", "aiohttp")
_importing = threading.Lock()


def litellm() -> Any:
    """litellm, imported once (about two seconds)."""
    with _importing:
        return _imported()


def silent_record(model: str, stream_options: Mapping[str, bool] | None) -> Any:
    """What litellm writes a call's course into: it keeps no message and runs no callback, and its prices are not asked.

    ``stream_options`` are those of a streamed call; litellm looks for them here.
    """
    return _silent_record_class()(model, stream_options)


@functools.cache
def _imported() -> Any:
    os.environ.update(GUARDS)
    library: Any = importlib.import_module("litellm")
    library.suppress_debug_info = True
    library.turn_off_message_logging = True
    library.telemetry = False
    for name in TALKATIVE_LOGS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    library.custom_provider_map = [{"provider": OFFLINE_PROVIDER, "custom_handler": _offline_provider(library)}]
    library.utils.custom_llm_setup()
    gc.collect()
    gc.freeze()  # its half million objects stay; searching them for waste would stop a run for half a second now and then
    return library


@functools.cache
def _silent_record_class() -> Any:
    litellm()
    record: Any = importlib.import_module("litellm.litellm_core_utils.litellm_logging").Logging

    class SilentRecord(record):  # type: ignore[misc]
        """litellm's record of one call without what it would do afterwards: a third of its work, for callbacks we do not have."""

        def __init__(self, model: str, stream_options: Mapping[str, bool] | None) -> None:
            super().__init__(
                model=model, messages=[], stream=stream_options is not None, call_type="acompletion",
                start_time=now().replace(tzinfo=None), function_id="",
                litellm_call_id=str(uuid.uuid4()),
            )  # fmt: skip
            self._defer_async_logging = True
            self.update_environment_variables(
                model=model, user="", optional_params={}, litellm_params={"api_base": ""}, stream_options=stream_options
            )

        def _response_cost_calculator(self, *_: Any, **__: Any) -> None:
            """Cost is counted from our own dated prices."""

        def handle_sync_success_callbacks_for_async_calls(self, *_: Any, **__: Any) -> None:
            """There is none."""

        async def async_success_handler(self, *_: Any, **__: Any) -> None:
            """There is none."""

        async def dispatch_success_handlers(self, *_: Any, **__: Any) -> None:
            """There is none."""

        def failure_handler(self, *_: Any, **__: Any) -> None:
            """There is none."""

        async def async_failure_handler(self, *_: Any, **__: Any) -> None:
            """There is none."""

    return SilentRecord


def _offline_provider(library: Any) -> Any:
    """The offline model in the form litellm asks of a provider."""

    class OfflineProvider(library.CustomLLM):  # type: ignore[misc]
        async def acompletion(self, *_: Any, **asked: Any) -> Any:
            settings = asked["optional_params"]
            metadata = (asked.get("litellm_params") or {}).get("metadata") or {}
            written = answer_messages(
                tuple((row["role"], row["content"]) for row in asked["messages"]),
                temperature=float(settings.get("temperature") or 0),
                repeat=int(metadata.get("repeat", 0)),
                max_tokens=settings.get("max_tokens"),
            )
            reply = asked["model_response"]
            reply.choices[0].message.content = written.text
            reply.choices[0].finish_reason = written.finish_reason
            tokens = written.tokens_in + written.tokens_out
            reply.usage = library.Usage(
                prompt_tokens=written.tokens_in, completion_tokens=written.tokens_out, total_tokens=tokens
            )
            return reply

    return OfflineProvider()
