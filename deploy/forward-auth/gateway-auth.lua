-- Asks the gateway whether a request may pass, for haproxy.cfg beside this file.
--
-- A 200 sets txn.gateway_passed and every header of IDENTITY to the gateway's value; what the visitor sent under these
-- names is removed. Any other answer of the gateway is sent to the visitor unchanged. Without an answer it is a 503.

local IDENTITY = {
    "x-forwarded-user", "x-forwarded-email", "x-forwarded-groups", "x-forwarded-preferred-username",
}

-- The headers of a visitor that the gateway reads.
local ASKED = {
    "accept", "accept-language", "authorization", "cookie", "destination", "origin", "referer", "sec-fetch-dest",
    "sec-fetch-mode", "sec-fetch-site", "sec-websocket-key", "user-agent", "x-requested-with", "x-forwarded-proto", "x-forwarded-host",
    "x-forwarded-for",
}

-- Headers about the connection to the gateway, which are not part of its answer.
local HOP = { ["connection"] = true, ["content-length"] = true, ["transfer-encoding"] = true, ["keep-alive"] = true }

core.register_action("gateway_auth", { "http-req" }, function(txn, gateway)
    local sent = txn.http:req_get_headers()
    for _, name in ipairs(IDENTITY) do
        txn.http:req_del_header(name)
    end
    local headers = {
        ["host"] = { sent["host"] and sent["host"][0] or "" },
        ["x-forwarded-method"] = { txn.sf:method() },
        ["x-forwarded-uri"] = { txn.sf:pathq() },
    }
    for _, name in ipairs(ASKED) do
        if sent[name] then
            headers[name] = {}
            local at = 0
            while sent[name][at] do
                table.insert(headers[name], sent[name][at])
                at = at + 1
            end
        end
    end

    local answer = core.httpclient():get({
        url = gateway .. "/.gateway/auth/redirect", headers = headers, timeout = 5000,
    })
    if not answer or not answer.status or answer.status == 0 then
        txn:done(txn:reply({ status = 503, body = "" }))
    end
    if answer.status == 200 then
        for _, name in ipairs(IDENTITY) do
            txn.http:req_set_header(name, answer.headers[name] and answer.headers[name][0] or "")
        end
        if answer.headers["set-cookie"] then
            txn:set_var("txn.gateway_cookie", answer.headers["set-cookie"][0])
        end
        txn:set_var("txn.gateway_passed", true)
        return
    end
    local reply = txn:reply({ status = answer.status, body = answer.body })
    for name, values in pairs(answer.headers) do
        for _, value in pairs(values) do
            if not HOP[name] then
                reply:add_header(name, value)
            end
        end
    end
    txn:done(reply)
end, 1)
