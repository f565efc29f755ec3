import litellm

from formulary_client import Client, DowntimeError, litellm_calls

client = Client.from_environment()
litellm.callbacks.append(litellm_calls.CallReports(client))


def summarise(encounter: str, text: str) -> str:
    try:
        prompt = client.resolve("clinical-summarization", unit=encounter)
    except DowntimeError as stopped:
        return stopped.downtime_text
    messages, metadata = prompt.filled(encounter_text=text), prompt.as_metadata()
    answer = litellm.completion(prompt.model, messages, metadata=metadata, **prompt.parameters)
    return answer.choices[0].message.content
