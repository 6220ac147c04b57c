"""KServe's REST client against a node: URL MODEL EXPECTED. Prints what it did; ends with a traceback where anything differs."""

import asyncio
import importlib.util
import sys
import types
from unittest.mock import MagicMock

import common

# The package's front door imports its whole server. Its REST client needs little of that, so the door is left shut, and what only
# servers and the gRPC client use is stood in for: nothing of it is called here.
package = types.ModuleType("kserve")
package.__path__ = list(importlib.util.find_spec("kserve").submodule_search_locations)
sys.modules["kserve"] = package
UNUSED = ["cloudevents.http", "cloudevents.conversion", "fastapi.responses", "grpc", "kserve.protocol.grpc.grpc_predict_v2_pb2_grpc"]
UNUSED += ["pandas", "psutil", "prometheus_client"]
for name in UNUSED:
    sys.modules[name.split(".")[0]] = sys.modules.get(name.split(".")[0]) or MagicMock()
    sys.modules[name] = MagicMock()

from kserve.inference_client import InferenceRESTClient, RESTConfig  # noqa: E402
from kserve.protocol.infer_type import InferInput, InferRequest, RequestedOutput  # noqa: E402


def wanted(tensor, binary):
    entry = InferInput(tensor["name"], tensor["shape"], tensor["datatype"])
    entry.set_data_from_numpy(common.array(tensor), binary_data=binary)
    return entry


async def main():
    url, model, expected = common.arguments()
    client = InferenceRESTClient(RESTConfig(protocol="v2", retries=0))
    assert await client.is_server_live(url) is True
    assert await client.is_server_ready(url) is True
    assert await client.is_model_ready(url, model) is True
    assert await client.is_model_ready(url, "nobody-has-this") is False
    for binary in (True, False):
        inputs = [wanted(tensor, binary) for tensor in expected["inputs"]]
        outputs = [RequestedOutput(tensor["name"], parameters={"binary_data": binary}) for tensor in expected["outputs"]]
        request = InferRequest(model, inputs, request_id="seven", request_outputs=outputs)
        headers = {}
        response = await client.infer(url, request, model_name=model, response_headers=headers)
        assert response.model_name == model and response.id == "seven"
        assert headers["countersign-approved"] == "true", headers
        got = {output.name: output for output in response.outputs}
        assert list(got) == [tensor["name"] for tensor in expected["outputs"]]
        for tensor in expected["outputs"]:
            common.same(tensor, got[tensor["name"]].as_numpy())
    try:
        await client.infer(url, {"inputs": []}, model_name=model)
    except Exception as error:
        assert "is missing" in str(error), error
    else:
        raise AssertionError("a request without inputs was answered")
    await client.close()
    print("kserve: live, ready, binary and JSON predictions, errors")


asyncio.run(main())
