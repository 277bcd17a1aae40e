package gitops_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const besideConfig = `version: 1
service: backend
image: ghcr.io/acme/backend
components: { core: {}, batch: {}, frontend: {} }
environments:
  stage:
    deploy:
      repository: acme/deployment
      branch: stabilize/1.0
      file: environments/stage/values.yaml
      set: SET
      mode: pull-request
`

// some proposes the build of some components as the targets do, which know of the others.
func (r *reviewed) some(set, sha string, components ...string) bump.Bump {
	r.Helper()
	cfg, err := config.Parse("astrago.yaml", []byte(strings.Replace(besideConfig, "SET", set, 1)))
	if err != nil {
		r.Fatal(err)
	}
	commit := git.Commit{SHA: commitid.ID(sha), Branch: "main", Version: "1.0", Repository: "acme/backend"}
	p, err := plan.New(cfg, commit, plan.Options{Environment: "stage", Only: component.Names(components)})
	if err != nil {
		r.Fatal(err)
	}
	b := bump.Bump{Deployment: p.Deployments[0], Service: "backend", Environment: "stage", Source: commit, Ancestry: r.lineage}
	for _, image := range p.Images {
		b.Images = append(b.Images, bump.Image{Component: image.Component, Ref: image.Ref(), Digest: digestFor(string(image.Component), sha)})
	}
	return b
}

// digestFor is that of the image of a component's build.
func digestFor(component, sha string) digest.Digest { return digest.FromString(component + sha) }

const tagOnly = `'.shop.{{ .Component }}.imageTag = "{{ .Tag }}"'`

// unprotected lets the test commit to the base, too.
func (r *reviewed) unprotected() *reviewed {
	r.Helper()
	if err := r.Protect(repository, branch, github.Unprotected); err != nil {
		r.Fatal(err)
	}
	return r
}

// TestNothingProposedIsLost proposes builds of some components, one after another: the pull request has the last build of each, with
// the commit and the image that it was proposed with, on whatever base.
func TestNothingProposedIsLost(t *testing.T) {
	for seed := range uint64(3) {
		random, r := rand.New(rand.NewPCG(11, seed)), newReviewed(t).unprotected()
		want := map[string]string{}
		for range 6 {
			components := slices.DeleteFunc([]string{"core", "batch", "frontend"}, func(string) bool { return random.IntN(2) == 0 })
			if len(components) == 0 {
				continue
			}
			sha := []string{r.second, r.third}[random.IntN(2)]
			newest := func(component string) bool { return want[component] == r.third }
			if sha == r.second && slices.ContainsFunc(components, newest) {
				sha = r.third
			}
			for _, component := range components {
				want[component] = sha
			}
			if random.IntN(3) == 0 {
				r.push("README.md", time.Now().String())
			}
			r.bump(r.some(tagOnly, sha, components...))
			message := trailer.Parse(r.git("log", "-1", "--format=%B", pullBranch))
			for name, sha := range want {
				if tag := name + "-stage-" + sha[:8]; !strings.Contains(r.git("show", pullBranch+":"+shopFile), tag) {
					t.Fatalf("%s is no longer proposed", tag)
				}
				_, from, _ := message.SourceOf(component.Name(name))
				if _, image := message.Image(component.Name(name)); from != commitid.ID(sha) || image != digestFor(name, sha) {
					t.Errorf("%s is of %s as %s, want %s as %s", name, from, image, sha, digestFor(name, sha))
				}
			}
			if again := r.bump(r.some(tagOnly, sha, components...)); !again.UpToDate {
				t.Errorf("again: %+v", again)
			}
		}
	}
}

// TestProposalThatIsOvertaken has a newer build deployed in the meantime, past the pull request.
func TestProposalThatIsOvertaken(t *testing.T) {
	r := newReviewed(t).unprotected()
	r.bump(r.some(tagOnly, r.second, "core"))
	r.push(shopFile, strings.Replace(r.content(shopFile), "core-stage-"+r.first[:8], "core-stage-"+r.third[:8], 1))
	result := r.bump(r.some(tagOnly, r.third, "batch"))
	r.wantBranch(result, "core-stage-"+r.third[:8], "batch-stage-"+r.third[:8])
	r.noticed("core: pull request #1 proposes ghcr.io/acme/backend:core-stage-"+r.second[:8], "a newer build is deployed")
}

// TestWhatIsProposedBesideIsGuarded asks the guards about it again, also before anything is built.
func TestWhatIsProposedBesideIsGuarded(t *testing.T) {
	r := newReviewed(t).unprotected()
	proposed := r.bump(r.some(tagOnly, r.second, "core"))
	b := r.some(tagOnly, r.third, "batch")
	draft, err := b.Draft(t.Context(), r.read(b.Deployment))
	if err != nil {
		t.Fatal(err)
	}
	notices, err := r.client.CheckOrder(t.Context(), b, draft)
	if err != nil || !slices.ContainsFunc(notices, func(n string) bool {
		return strings.Contains(n, "core: this run leaves it out") && strings.Contains(n, "pull request #1")
	}) {
		t.Errorf("%q, %v", notices, err)
	}
	r.push(holdPath, "holds:\n- {component: core, until: lift, reason: audit}\n")
	for _, check := range []func(context.Context, bump.Bump, *edit.Draft) ([]string, error){r.client.CheckOrder, r.client.CheckHolds} {
		draft, err := b.Draft(t.Context(), r.read(b.Deployment))
		if err != nil {
			t.Fatal(err)
		}
		_, err = check(t.Context(), b, draft)
		wantProblem(t, err, problem.Refused, "core is held", "audit")
	}
	_, err = r.client.Bump(t.Context(), b)
	wantProblem(t, err, problem.Refused, "core is held", "audit")
	if got := strings.TrimSpace(r.git("rev-parse", pullBranch)); commitid.ID(got) != proposed.Commit {
		t.Error("the proposal was replaced in spite of it")
	}
}

// TestWhatCannotBeProposedAgain is refused, or dropped by force in so many words.
func TestWhatCannotBeProposedAgain(t *testing.T) {
	more := `['.shop.{{ .Component }}.imageTag = "{{ .Tag }}"', '.shop.{{ .Component }}.imageTag |= sub("^{{ .Version }}$", "")']`
	gone := func(context.Context, bump.Image, string) (digest.Digest, error) { return "", nil }
	for name, c := range map[string]struct {
		set      string
		digestOf func(context.Context, bump.Image, string) (digest.Digest, error)
		words    string
	}{
		"an image that is gone": {tagOnly, gone, "the registry no longer has its image"},
		"what asks for more":    {more, nil, "`set` asks for more than its tag and its digest"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReviewed(t).unprotected()
			proposed := r.bump(r.some(c.set, r.second, "core"))
			b := r.some(c.set, r.third, "batch")
			b.DigestOf = c.digestOf
			_, err := r.client.Bump(t.Context(), b)
			wantProblem(t, err, problem.Refused, "pull request #1", "core: "+c.words, "leave -only and -changedSince out", "gh pr close 1", "-force")
			r.wantBranch(proposed, "core-stage-"+r.second[:8])
			b.Force = true
			r.wantBranch(r.bump(b), "batch-stage-"+r.third[:8])
			if body := r.pull(1).GetBody(); !strings.Contains(body, "Astrago-Forced: proposal #1 core") {
				t.Errorf("the text does not say what is dropped:\n%s", body)
			}
		})
	}
}

// TestDecisionsReplaceNoProposal has a person freeze, thaw or take back one component while a build of another is proposed.
func TestDecisionsReplaceNoProposal(t *testing.T) {
	r := newReviewed(t).unprotected()
	r.push(holdPath, "holds:\n- {component: frontend, until: lift, reason: audit}\n")
	proposed := r.bump(r.some(tagOnly, r.second, "core"))
	freeze, lift := r.some(tagOnly, r.third, "batch"), r.some(tagOnly, r.third, "batch")
	for _, b := range []*bump.Bump{&freeze, &lift} {
		file := &b.Deployment.Files[0]
		file.Others, file.Edits, b.Images = append(file.Others, r.some(tagOnly, r.third, "core").Deployment.Files[0].Others[0]), nil, nil
	}
	freeze.Hold = []hold.Hold{{Component: "batch", Until: config.HoldUntilLift, Since: time.Now()}}
	lift.Lift = []component.Name{"frontend"}
	back := r.some(tagOnly, r.third, "batch")
	back.Rollback = &bump.Rollback{Restored: "0", Rejected: []bump.Build{{Component: "batch", Tag: "x"}}}
	for _, b := range []bump.Bump{freeze, lift, back} {
		_, err := r.client.Bump(t.Context(), b)
		wantProblem(t, err, problem.Refused, "pull request #1", "core: this run leaves it out", "gh pr close 1")
		r.wantBranch(proposed, "core-stage-"+r.second[:8])
	}
}

// TestProposedLiftIsNotLost has a release while a pull request proposes to end a hold.
func TestProposedLiftIsNotLost(t *testing.T) {
	r := newReviewed(t).unprotected()
	r.push(holdPath, "holds:\n- {component: core, until: lift, reason: audit}\n")
	lift := r.some(tagOnly, r.third, "batch")
	lift.Deployment.Files[0].Edits, lift.Images, lift.Lift = nil, nil, []component.Name{"core"}
	r.bump(lift)
	b := r.some(tagOnly, r.third, "batch")
	_, err := r.client.Bump(t.Context(), b)
	wantProblem(t, err, problem.Refused, "core: its hold is to end with the pull request", "gh pr close 1")
	b.Force = true
	r.bump(b)
	if body := r.pull(1).GetBody(); !strings.Contains(body, "Astrago-Forced: lift core") {
		t.Errorf("the text does not say what is dropped:\n%s", body)
	}
}

// TestProposalOfARenamedRepository is taken over as our own.
func TestProposalOfARenamedRepository(t *testing.T) {
	r := newReviewed(t)
	before := r.proposal(r.second, "core")
	before.Source.Repository = "acme/old"
	r.bump(before)
	_, err := r.client.Bump(t.Context(), r.proposal(r.third, "core"))
	wantProblem(t, err, problem.Refused, "it has commits of others")
	now := r.proposal(r.third, "core")
	now.Formerly = []string{"acme/old"}
	r.wantBranch(r.bump(now), "core-stage-"+r.third[:8])
}
