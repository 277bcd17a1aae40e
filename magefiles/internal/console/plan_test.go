package console_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// TestPlanTellsHowAWorkflowSignsIn to each application of Argo CD.
func TestPlanTellsHowAWorkflowSignsIn(t *testing.T) {
	for _, test := range []struct {
		auth []config.ArgoCDAuth
		want string
	}{
		{[]config.ArgoCDAuth{config.ArgoCDToken}, "application a\n"},
		{[]config.ArgoCDAuth{"", ""}, "application a, b\n"},
		{[]config.ArgoCDAuth{config.ArgoCDOIDC}, "application a, signed in to by the workflow's identity\n"},
		{[]config.ArgoCDAuth{config.ArgoCDOIDC, config.ArgoCDOIDC}, "application a, b, signed in to by the workflow's identity\n"},
		{[]config.ArgoCDAuth{"", config.ArgoCDOIDC}, "application a, b, signed in to by the workflow's identity for b\n"},
	} {
		p := sample.Plan()
		p.ArgoCD = nil
		for i, auth := range test.auth {
			p.ArgoCD = append(p.ArgoCD, config.ArgoCD{Application: string(rune('a' + i)), Auth: auth})
		}
		var b bytes.Buffer
		console.New(&b, console.Options{Width: 120}).Plan(p, nil)
		if !strings.Contains(b.String(), test.want) {
			t.Errorf("%q: it does not say %q:\n%s", test.auth, test.want, b.String())
		}
	}
}
