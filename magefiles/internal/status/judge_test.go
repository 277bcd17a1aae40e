package status_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

var now = time.Date(2026, 3, 2, 3, 12, 0, 0, time.UTC)

const (
	digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	moved  = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
	head   = "5f3c0b1d"
)

// judged is the status of one component, changed as a test says.
func judged(change func(*status.Environment, *status.Component)) status.Status {
	c := status.Component{
		Name: "core", Image: refs.Repository("ghcr.io/acme/backend"), Tag: "core-1", Registry: status.Registry{Presence: status.Present, Digest: digest},
		Deployed: &status.Deployed{By: "octocat", Time: now.Add(-time.Hour), Digest: digest},
	}
	e := status.Environment{Name: "stage", Deployments: []status.Deployment{{Repository: "acme/deployment", Branch: "main", Head: head}}}
	change(&e, &c)
	e.Deployments[0].Components = []status.Component{c}
	s := status.Status{Service: "backend", Generated: now, Environments: []status.Environment{e}}
	s.Judge()
	return s
}

func running(sync, health string) *status.ArgoCD {
	return &status.ArgoCD{Application: "shop", Asked: true, Sync: sync, Health: health, Revision: head, Absent: []string{"ghcr.io/acme/backend:core-1"}}
}

func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*status.Environment, *status.Component)
		want   status.State
		words  string // of all drift
	}{
		"in order":             {func(*status.Environment, *status.Component) {}, status.OK, ""},
		"held":                 {func(_ *status.Environment, c *status.Component) { c.Hold = &status.Hold{} }, status.Held, ""},
		"a tag that moved":     {func(_ *status.Environment, c *status.Component) { c.Registry.Digest = moved }, status.Drifted, "the tag has moved: 111111111111 was deployed, the registry has 222222222222"},
		"moved and held":       {func(_ *status.Environment, c *status.Component) { c.Registry.Digest, c.Hold = moved, &status.Hold{} }, status.Drifted, "moved"},
		"not deployed by us":   {func(_ *status.Environment, c *status.Component) { c.Deployed = nil }, status.OK, ""},
		"nothing was recorded": {func(_ *status.Environment, c *status.Component) { c.Deployed.Digest = "" }, status.OK, ""},
		"no image": {func(_ *status.Environment, c *status.Component) {
			c.Registry = status.Registry{Presence: status.Missing}
		}, status.Drifted, "the registry has no image ghcr.io/acme/backend:core-1"},
		"nobody answered":       {func(_ *status.Environment, c *status.Component) { c.Registry = status.Registry{Reason: "no network"} }, status.Unknown, ""},
		"no tag":                {func(_ *status.Environment, c *status.Component) { c.Error = "no such key" }, status.Unknown, ""},
		"no repository":         {func(e *status.Environment, _ *status.Component) { e.Deployments[0].Error = "no access" }, status.Unknown, ""},
		"Argo CD was not asked": {func(e *status.Environment, _ *status.Component) { e.ArgoCD = &status.ArgoCD{Reason: "no token"} }, status.OK, ""},
		"Argo CD did not answer": {func(e *status.Environment, _ *status.Component) {
			e.ArgoCD = &status.ArgoCD{Asked: true, Reason: "expired"}
		}, status.Unknown, ""},
		"out of sync": {func(e *status.Environment, _ *status.Component) { e.ArgoCD = running("OutOfSync", "Healthy") }, status.Drifted, "OutOfSync"},
		"on its way": {func(e *status.Environment, _ *status.Component) {
			e.ArgoCD = running("OutOfSync", "Healthy")
			e.ArgoCD.Running = true
		}, status.OK, ""},
		"another image runs":    {func(e *status.Environment, _ *status.Component) { e.ArgoCD = running("Synced", "Healthy") }, status.Drifted, "it does not run: ghcr.io/acme/backend:core-1"},
		"it still starts":       {func(e *status.Environment, _ *status.Component) { e.ArgoCD = running("Synced", "Progressing") }, status.OK, ""},
		"Argo CD cannot render": {func(e *status.Environment, _ *status.Component) { e.ArgoCD = running("Unknown", "Healthy") }, status.Unknown, ""},
		"Argo CD has not looked": {func(e *status.Environment, c *status.Component) {
			e.ArgoCD = running("Synced", "Healthy")
			e.ArgoCD.Revision, c.Deployed.Time = "older", now.Add(-time.Minute)
		}, status.OK, ""},
		"Argo CD must have looked": {func(e *status.Environment, _ *status.Component) {
			e.ArgoCD = running("Synced", "Healthy")
			e.ArgoCD.Revision = "older"
		}, status.Drifted, "does not run"},
		"set by hand": {func(_ *status.Environment, c *status.Component) {
			c.Drift = []status.Drift{{Kind: status.HandEdit, Want: "core-1", Have: "core-2", By: "Park", Commit: "0badc0de11"}}
		}, status.Drifted, "set by hand: core-1 was deployed, the values have core-2, by Park in 0badc0de"},
	} {
		t.Run(name, func(t *testing.T) {
			s := judged(test.change)
			if s.State != test.want || s.Environments[0].State != test.want || s.Schema != status.Schema {
				t.Errorf("the state is %q, want %q: %+v", s.State, test.want, s)
			}
			drift := s.Environments[0].Deployments[0].Components[0].Drift
			if a := s.Environments[0].ArgoCD; a != nil {
				drift = append(drift, a.Drift...)
			}
			var texts []string
			for _, d := range drift {
				texts = append(texts, d.Text())
			}
			if text := strings.Join(texts, "\n"); !strings.Contains(text, test.words) || (test.words == "") != (text == "") {
				t.Errorf("the drift is %q, want %q", text, test.words)
			}
		})
	}
}

func TestTimeline(t *testing.T) {
	s := status.Status{History: []status.Event{
		{Environment: "stage", Commit: "a", Time: now},
		{Environment: "prod", Commit: "b", Time: now.Add(time.Hour)},
		{Environment: "stage", Commit: "a", Time: now}, // seen in two files
		{Environment: "prod", Commit: "a", Time: now},  // the same commit is of both
	}}
	s.Judge()
	var got []string
	for _, e := range s.History {
		got = append(got, e.Environment+" "+string(e.Commit))
		if e.Components == nil || e.Tags == nil {
			t.Errorf("%+v has a list that is null", e)
		}
	}
	if want := "prod b, prod a, stage a"; strings.Join(got, ", ") != want {
		t.Errorf("the history is %q, want %q", got, want)
	}
	for n := range 100 {
		s.History = append(s.History, status.Event{Commit: commitid.ID(rune('c' + n)), Time: now.Add(time.Duration(n) * time.Minute)})
	}
	if s.Judge(); len(s.History) != 40 || s.History[0].Time.Before(s.History[39].Time) {
		t.Errorf("%d events are kept", len(s.History))
	}
}

func TestKnown(t *testing.T) {
	s := judged(func(*status.Environment, *status.Component) {})
	if !s.Known() {
		t.Error("nothing is known")
	}
	s.Environments[0].Deployments[0].Error = "no access"
	if s.Known() {
		t.Error("something is known")
	}
}
