-- Asks what stands in the file BODIES, a body a line, one after the other; TOKEN lets it in. Prints one line of JSON.
local bodies, headers = {}, { ["Content-Type"] = "application/json", ["Accept"] = "application/json" }
for line in io.lines(os.getenv("BODIES")) do bodies[#bodies + 1] = line end
if os.getenv("TOKEN") ~= "" then headers["Authorization"] = "Bearer " .. os.getenv("TOKEN") end
local at = 0

function request()
  at = at % #bodies + 1
  return wrk.format("POST", nil, headers, bodies[at])
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\nJSON {"asked": %d, "seconds": %.6f, "bytes": %d, "failed": %d, "p50_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, e.status + e.connect + e.read + e.write + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
