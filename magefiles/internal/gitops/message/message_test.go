package message

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

const sha = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"

func release(components ...string) (bump.Bump, *edit.Draft) {
	b := bump.Bump{Service: "shop", Environment: "stage", Source: git.Commit{SHA: sha, Repository: "acme/shop"}}
	draft := &edit.Draft{Snapshot: &repo.Snapshot{}}
	for _, name := range components {
		b.Images = append(b.Images, bump.Image{Component: component.Name(name), Ref: refs.Image("127.0.0.1:5000/shop:" + name + "-1"), Digest: digest.FromString(name)})
		draft.Assigned = append(draft.Assigned, edit.Assignment{
			Scalar: edit.Scalar{Path: "." + name + ".tag"}, File: "values.yaml", Edit: plan.Edit{Component: component.Name(name), Image: refs.Image("127.0.0.1:5000/shop:" + name + "-1")},
			Before: name + "-0", After: name + "-1",
		})
	}
	return b, draft
}

// TestTrailersSayWhatLaterRunsAsk in what a message has of everything at once.
func TestTrailersSayWhatLaterRunsAsk(t *testing.T) {
	b, draft := release("core", "batch")
	draft.Kept = []hold.Kept{{Component: "batch", Tag: "batch-0", Digest: digest.FromString("batch"), Source: sha}}
	draft.Assigned = draft.Assigned[:1]
	draft.Snapshot.Holds = []hold.Hold{{Component: "core"}, {Component: "web"}}
	b.Promoted = &bump.Promotion{Environment: "qa", Repository: "acme/deployment", Commit: sha}
	b.Reason, b.RunURL, b.Ref = "the audit\nAstrago-Forced: nothing", "https://github.com/acme/run/1", "hotfix"
	b.Rollback = &bump.Rollback{Restored: "0123456", Rejected: []bump.Build{{Component: "core", Tag: "core-2", SHA: sha}, {Component: "web", Tag: "web-2"}}}
	b.Hold, b.Lift = []hold.Hold{{Component: "mail", Until: "newer"}}, []component.Name{"web", "nothing"}
	b.Forced = []string{"charts"}
	v := guard.Verdict{Overridden: []string{"hold core"}, Ended: []hold.Hold{{Component: "core"}}}
	got := trailer.Parse("subject\n" + Trailers(b, draft, v).String())
	for key, want := range map[string]string{
		trailer.Source: "acme/shop@" + sha, trailer.Service: "shop", trailer.Environment: "stage",
		trailer.Image: "core 127.0.0.1:5000/shop@" + digest.FromString("core").String(), trailer.Kept: "batch batch-0 127.0.0.1:5000/shop@" + digest.FromString("batch").String(),
		trailer.Value: "core values.yaml .core.tag", trailer.Promoted: "qa acme/deployment@" + sha, trailer.Restored: "0123456",
		trailer.Rollback: "core core-2 acme/shop@" + sha + "|web web-2", trailer.Hold: "mail until newer", trailer.Lifted: "web|core",
		trailer.Reason: "the audit Astrago-Forced: nothing", trailer.Run: "https://github.com/acme/run/1", trailer.Ref: "hotfix",
		trailer.Forced: "hold core|charts", trailer.BumpID: b.ID(),
	} {
		if all := strings.Join(got.All(key), "|"); all != want {
			t.Errorf("%s: %q, want %q", key, all, want)
		}
	}
}

// TestPlainReleaseHasNoEmptyTrailers, which would be read as a value.
func TestPlainReleaseHasNoEmptyTrailers(t *testing.T) {
	b, draft := release("core")
	for _, line := range Trailers(b, draft, guard.Verdict{}) {
		switch line.Key {
		case trailer.Source, trailer.Service, trailer.Environment, trailer.Image, trailer.Value, trailer.BumpID:
		default:
			t.Errorf("%s: %q", line.Key, line.Value)
		}
	}
}

// TestImageWithoutDigestOrNameIsNoDeployedOne: what no value names may not be found again as deployed.
func TestImageWithoutDigestOrNameIsNoDeployedOne(t *testing.T) {
	b, draft := release("core", "batch", "web")
	b.Images[0].Digest = ""
	draft.Assigned = draft.Assigned[:2]
	if got := imagesOf(b, draft); len(got) != 1 || got[0].Value != "batch 127.0.0.1:5000/shop@"+digest.FromString("batch").String() {
		t.Errorf("images %q", got)
	}
}

func TestValuesOfALargeBumpAreInTheTableAlone(t *testing.T) {
	for n, want := range map[int]int{1: 1, mostValues: mostValues, mostValues + 1: 0} {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("c%d", i))
		}
		b, draft := release(names...)
		if got := len(Trailers(b, draft, guard.Verdict{}).All(trailer.Value)); got != want {
			t.Errorf("%d values: %d trailers, want %d", n, got, want)
		}
	}
}

// TestMessageIsATableThenTrailers, which the reader of commits takes apart again.
func TestMessageIsATableThenTrailers(t *testing.T) {
	b, draft := release("core", "batch")
	draft.Changes = []edit.Change{draft.Assigned[0].Change()}
	draft.Kept = []hold.Kept{{Component: "batch", Tag: "batch-0", Digest: digest.FromString("batch"), Source: sha}}
	m, err := Render(b, draft, guard.Verdict{})
	if err != nil {
		t.Fatal(err)
	}
	want := "core  core-0 -> core-1\n\nbatch keeps batch-0, which is the same image\n\nAstrago-Source: acme/shop@" + sha + "\n"
	if !strings.HasPrefix(m.Body, want) {
		t.Errorf("body:\n%s\nwant it to begin with:\n%s", m.Body, want)
	}
	commit := repo.Commit{Message: m.Headline + "\n\n" + m.Body}
	service, repository, ok := commit.Writer()
	if set := commit.Changes()["core"]; len(set) != 1 || set[0] != "core-1" || service != "shop" || repository != "acme/shop" || !ok {
		t.Errorf("read again: %q of %q (%q)", set, service, repository)
	}
}
