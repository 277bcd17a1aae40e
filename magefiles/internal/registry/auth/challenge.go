package auth

import (
	"net/http"
	"slices"
	"strings"

	dockerauth "github.com/containerd/containerd/v2/core/remotes/docker/auth"
)

// schemeNames are those that registries name; those that have no value here are of no use to us.
var schemeNames = map[string]dockerauth.AuthenticationScheme{
	"bearer": dockerauth.BearerAuth, "basic": dockerauth.BasicAuth, "digest": dockerauth.DigestAuth, "negotiate": 0, "ntlm": 0,
}

// parseHeader returns what a registry asks for, Bearer first (RFC 9110, section 11.6.1). It takes what registries and the proxies
// before them write, and containerd's reader does not: several challenges in one header, spaces around an equals sign, and an
// address without quotes.
func parseHeader(header http.Header) []dockerauth.Challenge {
	var all []dockerauth.Challenge
	for _, text := range header.Values("WWW-Authenticate") {
		all = append(all, parseChallenges(text)...)
	}
	slices.SortStableFunc(all, func(a, b dockerauth.Challenge) int { return schemeRank(a) - schemeRank(b) })
	return all
}

func schemeRank(c dockerauth.Challenge) int {
	switch c.Scheme {
	case dockerauth.BearerAuth:
		return 0
	case dockerauth.BasicAuth:
		return 1
	}
	return 2
}

// parseChallenges reads one header. A word that is followed by no equals sign begins a challenge if it is the name of a scheme,
// else it is the rest of a value that lacks its quotes.
func parseChallenges(text string) (all []dockerauth.Challenge) {
	for text != "" {
		text = strings.TrimLeft(text, " \t,")
		end := strings.IndexAny(text, " \t,=")
		if end < 0 {
			end = len(text)
		}
		name, rest := strings.ToLower(text[:end]), strings.TrimLeft(text[end:], " \t")
		if value, ok := strings.CutPrefix(rest, "="); ok {
			value, text = cutParameter(strings.TrimLeft(value, " \t"))
			if len(all) > 0 {
				all[len(all)-1].Parameters[name] = value
			}
			continue
		}
		if scheme, known := schemeNames[name]; known {
			all = append(all, dockerauth.Challenge{Scheme: scheme, Parameters: map[string]string{}})
		}
		text = rest
	}
	return all
}

// cutParameter cuts a value off, with or without quotes.
func cutParameter(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, " \t,")
		if end < 0 {
			end = len(text)
		}
		return text[:end], text[end:]
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:]
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String(), ""
}
