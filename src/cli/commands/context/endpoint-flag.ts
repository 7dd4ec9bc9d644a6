export const dockerEndpoint = { type: 'stringToString', help: 'How to reach the engine' } as const

export const endpointHelp = `What --docker takes, as key=value with commas between:

from                Context whose endpoint to copy
host                Address of the engine
ca                  File of the only CA that is trusted
cert                File of our TLS certificate
key                 File of our TLS key
skip-tls-verify     Do not check the engine's certificate

For example:

$ docker context create far --docker "host=tcp://far:2376,ca=~/ca.pem,cert=~/cert.pem,key=~/key.pem"`
