package vars

import (
	"net/url"
	"strings"
)

// Headers reads a variable that holds HTTP headers, key=value with commas, of which each part may be percent-encoded
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). What has no name is left out.
func (v Vars) Headers(name Name) map[string]string {
	headers := map[string]string{}
	for pair := range strings.SplitSeq(v.Get(name), ",") {
		key, value, _ := strings.Cut(pair, "=")
		if key = decoded(key); key != "" {
			headers[key] = decoded(value)
		}
	}
	return headers
}

// decoded takes what is not percent-encoded as it is: a token may hold a percent sign.
func decoded(text string) string {
	text = strings.TrimSpace(text)
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// shortestToken is the length from which on a header holds a token and not a tenant's name: to mask the latter would hide the word wherever
// it stands. Issued tokens are longer.
const shortestToken = 16

// secretHeaders are the values for the collector that no output may show; of "Bearer TOKEN" that is also TOKEN alone.
func (v Vars) secretHeaders() []string {
	var secrets []string
	for _, value := range v.Headers(TracesHeaders) {
		token := value[strings.LastIndexByte(value, ' ')+1:]
		if len(token) >= shortestToken {
			secrets = append(secrets, value, token)
		}
	}
	return secrets
}
