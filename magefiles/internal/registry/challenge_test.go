package registry_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestOddChallenges pushes to registries that ask for the same in other words: with all of them a token is got and used.
func TestOddChallenges(t *testing.T) {
	for name, challenge := range map[string][]string{
		"as the specification has it": {`Bearer realm="%s",service="ghcr.io",scope="repository:acme/x:pull"`},
		"spaces around equals":        {`Bearer realm = "%s", service = "ghcr.io"`},
		"no quotes":                   {`Bearer realm=%s,service=ghcr.io,scope=repository:acme/x:pull,push`},
		"other case":                  {`BEARER Realm="%s",Service="ghcr.io"`},
		"tabs and a last comma":       {"Bearer\trealm=\"%s\"\t,\tservice=\"ghcr.io\","},
		"escaped":                     {`Bearer realm="%s",service="gh\cr.io"`},
		"no service":                  {`Bearer realm="%s"`},
		"after another, one header":   {`Negotiate, NTLM, Basic realm="proxy", Bearer realm="%s",service="ghcr.io"`},
		"before another, two headers": {`Bearer realm="%s",service="ghcr.io"`, `Basic realm="proxy"`},
		"after a token68":             {`Negotiate YWJj==, Bearer realm="%s", service="ghcr.io"`},
	} {
		t.Run(name, func(t *testing.T) {
			server, l := start(t, testkit.Options{}), newLibrary(t)
			images := l.components(server, "stage-1", "a1")
			server.Inject(func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
				if request.Kind == testkit.Token || r.Header.Get("Authorization") != "" {
					return false
				}
				for _, text := range challenge {
					if strings.Contains(text, "%s") {
						text = fmt.Sprintf(text, "http://"+r.Host+"/token")
					}
					w.Header().Add("WWW-Authenticate", text)
				}
				w.WriteHeader(http.StatusUnauthorized)
				return true
			})
			if _, err := clientFor(t, server).Push(t.Context(), l.store, images, nil); err != nil {
				t.Fatal(err)
			}
			server.Heal()
			wantPulled(t, images)
		})
	}
}

// TestNoChallengeIsADenial: what asks for nothing that we know ends at once, in words about credentials.
func TestNoChallengeIsADenial(t *testing.T) {
	for _, challenge := range []string{"", "Negotiate", `=,"`, `Bearer`, `Bearer realm="`} {
		server, l := start(t, testkit.Options{}), newLibrary(t)
		images := l.components(server, "stage-1", "a1")
		server.Inject(func(w http.ResponseWriter, _ *http.Request, _ testkit.Request) bool {
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		})
		if _, err := clientFor(t, server).Push(t.Context(), l.store, images, nil); problem.As(err) == nil {
			t.Errorf("%q: %v", challenge, err)
		}
		if n := len(server.Requests()); n > 20 {
			t.Errorf("%q: %d requests", challenge, n)
		}
	}
}
