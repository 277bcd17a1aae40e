package history

import (
	"context"
	"fmt"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// walked are the commits of a branch with the tag that core has at each, newest first.
type walked []struct {
	tag     string
	commit  string
	message trailer.List
}

func (w walked) History(_ context.Context, _ *repo.Snapshot, _ plan.Deployment, _ bool, visit func(*repo.Snapshot) (bool, error)) error {
	for _, c := range w {
		at := &repo.Snapshot{
			Head:    commitid.ID(c.commit),
			Files:   map[string][]byte{"values.yaml": []byte("core:\n  tag: " + c.tag + "\n")},
			History: []repo.Commit{{SHA: commitid.ID(c.commit), Message: "subject\n\n" + c.message.String()}},
		}
		if more, err := visit(at); err != nil || !more {
			return err
		}
	}
	return nil
}

// rollbackTo returns the message of a rollback of core.
func rollbackTo(commit, environment string) trailer.List {
	return trailer.List{
		{Key: trailer.Source, Value: "acme/shop@a1"},
		{Key: trailer.Environment, Value: environment},
		{Key: trailer.Rollback, Value: "core v9"},
		{Key: trailer.Restored, Value: commit},
	}
}

// probeOf reads the tag of core where the configuration sets it.
func probeOf(t *testing.T) plan.Deployment {
	t.Helper()
	c, err := config.Parse("astrago.yaml", []byte(`version: 1
service: shop
components:
  core: { image: ghcr.io/acme/shop, dockerfile: Dockerfile }
tag: "v{{ .ShortSHA }}"
environments:
  stage:
    branches: [main]
    deploy:
      repository: acme/deployment
      branch: main
      file: values.yaml
      set: '.core.tag = "{{ .Tag }}"'
`))
	if err != nil {
		t.Fatal(err)
	}
	environment, err := c.Environment("stage", "")
	if err != nil {
		t.Fatal(err)
	}
	probes, err := plan.Probe(c, environment, nil)
	if err != nil || len(probes) != 1 {
		t.Fatal(probes, err)
	}
	return probes[0]
}

// TestPreviousStateGoesBackAndNotForth: what a rollback took back is no earlier state, and a repetition is one state.
func TestPreviousStateGoesBackAndNotForth(t *testing.T) {
	plain := walked{{tag: "v3", commit: "c5"}, {tag: "v3", commit: "c4"}, {tag: "v2", commit: "c3"}, {tag: "v3", commit: "c2"}, {tag: "v1", commit: "c1"}}
	// v1, v2, v3; a rollback to v2 at c2; now a second one is to go to v1
	taken := walked{{"v2", "c4", rollbackTo("c2", "stage")}, {tag: "v3", commit: "c3"}, {tag: "v2", commit: "c2"}, {tag: "v1", commit: "c1"}}
	elsewhere := walked{{"v2", "c4", rollbackTo("c2", "prod")}, {tag: "v3", commit: "c3"}, {tag: "v2", commit: "c2"}, {tag: "v1", commit: "c1"}}
	for name, test := range map[string]struct {
		history walked
		steps   int
		to      string
		want    string // tag; "" for none
	}{
		"one back":                     {plain, 1, "", "v2"},
		"two back, without repetition": {plain, 2, "", "v1"},
		"further than there is":        {plain, 3, "", ""},
		"to a tag":                     {plain, 0, "v1", "v1"},
		"to an unknown tag":            {plain, 0, "v7", ""},
		"after a rollback":             {taken, 1, "", "v1"},
		"after one of another":         {elsewhere, 1, "", "v3"},
	} {
		now := map[component.Name]string{"core": test.history[0].tag}
		query := PreviousQuery{Application: "acme/shop", Environment: "stage", Now: now, Steps: test.steps, To: test.to}
		state, _, err := NewFinder(test.history, nil).Previous(t.Context(), &repo.Snapshot{}, probeOf(t), query)
		got := ""
		if state != nil {
			got = state.Named["core"].Tag
		}
		if err != nil || got != test.want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, test.want)
		}
	}
}

// TestSinceIsTheOldestCommitOfAnUnbrokenRow of a tag.
func TestSinceIsTheOldestCommitOfAnUnbrokenRow(t *testing.T) {
	long := walked{}
	for i := range sinceDepth + 10 {
		long = append(long, walked{{tag: "v1", commit: fmt.Sprintf("c%d", i)}}...)
	}
	for name, test := range map[string]struct {
		history walked
		want    string
	}{
		"set later":            {walked{{tag: "v2", commit: "c4"}, {tag: "v2", commit: "c3"}, {tag: "v1", commit: "c2"}, {tag: "v2", commit: "c1"}}, "c3"},
		"by the first":         {walked{{tag: "v2", commit: "c2"}, {tag: "v2", commit: "c1"}}, "c1"},
		"not by what is there": {walked{{tag: "v1", commit: "c2"}, {tag: "v2", commit: "c1"}}, ""},
		"longer ago":           {long, ""},
	} {
		tag := map[component.Name]string{"core": "v2"}
		if name == "longer ago" {
			tag["core"] = "v1"
		}
		found, err := NewFinder(test.history, nil).Since(t.Context(), &repo.Snapshot{}, probeOf(t), tag)
		if err != nil || found["core"].SHA != commitid.ID(test.want) {
			t.Errorf("%s: %+v, %v; want %q", name, found, err, test.want)
		}
	}
}
