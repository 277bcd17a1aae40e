package argocd_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

func TestState(t *testing.T) {
	for name, test := range map[string]struct {
		step double.Step
		want argocd.State
		word string
	}{
		"in order":    {double.Then(), argocd.State{Sync: "Synced", Health: "Healthy"}, ""},
		"behind":      {double.OutOfSync("0123456789012345678901234567890123456789"), argocd.State{Sync: "OutOfSync", Health: "Healthy", Revision: "0123456789012345678901234567890123456789"}, ""},
		"degraded":    {double.Becomes("Degraded", "CrashLoopBackOff:\n exit code 1"), argocd.State{Sync: "Synced", Health: "Degraded"}, "Deployment shop/web: CrashLoopBackOff: exit code 1"},
		"under way":   {double.Then(double.Found("x"), double.Started()), argocd.State{Sync: "OutOfSync", Health: "Healthy", Revision: "x", Running: true}, ""},
		"unrendered":  {double.Unrendered("helm: no such chart"), argocd.State{Sync: "Unknown", Health: "Healthy", Revision: branch}, "no such chart"},
		"other image": {double.Live("ghcr.io/acme/shop:else"), argocd.State{Sync: "Synced", Health: "Healthy", Absent: []imageref.Reference{refs.Image(oldImage)}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.application(nil, test.step)
			got, err := w.client.State(t.Context(), target(w.old, oldImage))
			if test.want.Revision == "" {
				test.want.Revision = w.old
			}
			if err != nil || got.Sync != test.want.Sync || got.Health != test.want.Health || got.Revision != test.want.Revision || got.Running != test.want.Running ||
				!slices.Equal(got.Absent, test.want.Absent) || !strings.Contains(got.Message, test.word) || (got.Message == "") != (test.word == "") {
				t.Errorf("%+v, %v", got, err)
			}
			if got.Page != w.server.URL()+"/applications/shop" {
				t.Errorf("the page is %q", got.Page)
			}
			most := 1
			if len(test.want.Absent) > 0 {
				most = 2 // the live manifests
			}
			if asked := w.server.Requests(); len(asked) != most || strings.Contains(asked[0], "refresh") {
				t.Errorf("it asked %q", asked)
			}
		})
	}
}

func TestStateThatNobodyTells(t *testing.T) {
	w := newWorld(t)
	w.application(nil)
	w.server.Expire(token)
	if state, err := w.client.State(t.Context(), target(w.old)); err == nil || !strings.Contains(err.Error(), `asking Argo CD for the application "shop"`) || !strings.Contains(err.Error(), "has expired") || strings.Contains(err.Error(), token) || state.Page == "" {
		t.Errorf("%+v, %v", state, err)
	}
}
