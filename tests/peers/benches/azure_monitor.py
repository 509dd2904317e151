"""Microsoft's exporter with the spans of azure_monitor.rs: python azure_monitor.py ENDPOINT CONTENT BATCHES.

Prints the CPU seconds of the exports and the peak memory in KiB.
"""

import logging
import os
import resource as system
import sys
import time

os.environ["APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL"] = "true"
os.environ["APPLICATIONINSIGHTS_SDKSTATS_DISABLED"] = "true"
os.environ["APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED"] = "true"

from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

logging.disable(logging.CRITICAL)
BATCH = 512
WORDS = "weather the of a in Lisbon model answer which tokens and is seldom wind from sea".split()


def words(seed, length):
    text = ""
    while len(text) < length:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        text += WORDS[seed >> 60] + " "
    return text[:length]


def span(place, content, resource):
    def messages(role, seed):
        text = words(place * 31 + seed, content)
        return '[{"role":"%s","parts":[{"type":"text","content":"%s"}]}]' % (role, text)

    start = (1760000000 + place) * 10**9
    trace = 0x0AF7651916CD43DD8448EB211C80319C + place
    return ReadableSpan(
        name="chat gpt-4o-mini",
        context=SpanContext(trace, 0xB7AD6B7169203331 + place, False, TraceFlags(1)),
        parent=SpanContext(trace, 0x00F067AA0BA902B7, False, TraceFlags(1)),
        kind=SpanKind.CLIENT,
        resource=resource,
        start_time=start,
        end_time=start + 1234 * 10**6,
        attributes={
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o-mini",
            "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
            "gen_ai.response.id": "chatcmpl-%024x" % place,
            "gen_ai.request.temperature": 0.2,
            "gen_ai.request.top_p": 1.0,
            "gen_ai.request.max_tokens": 256,
            "gen_ai.response.finish_reasons": ("stop",),
            "gen_ai.usage.input_tokens": 97,
            "gen_ai.usage.output_tokens": 52,
            "gen_ai.conversation.id": "conv_%024x" % place,
            "gen_ai.output.type": "text",
            "server.address": "api.openai.com",
            "server.port": 443,
            "gen_ai.input.messages": messages("user", 1),
            "gen_ai.output.messages": messages("assistant", 2),
        },
    )


def main():
    endpoint, content, batches = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    key = "11111111-2222-3333-4444-555555555555"
    exporter = AzureMonitorTraceExporter(
        connection_string=f"InstrumentationKey={key};IngestionEndpoint={endpoint}",
        disable_offline_storage=True,
    )
    resource = Resource({"service.name": "bench"})
    spans = [span(place, content, resource) for place in range(BATCH)]
    before = time.process_time()
    for _ in range(batches):
        exporter.export(spans)
    print(time.process_time() - before, system.getrusage(system.RUSAGE_SELF).ru_maxrss)


main()
