package gitops_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

const (
	prodHold   = ".astrago/holds/prod/backend.yaml"
	sharedFile = "tag: stage-00000000\ncore: core-00000000\nbatch: batch-00000000\n"
)

// common is the bump of an environment of which the first component sets what another environment sets, too.
func (s *scene) common(environment, sha string, components ...string) bump.Bump {
	other, path := map[string]string{"stage": "prod", "prod": "stage"}[environment], ".astrago/holds/"
	b := s.guarded(sha)
	b.Environment, b.Deployment.Hold = environment, path+environment+"/backend.yaml"
	probes := []plan.Edit{
		{Component: "core", Image: refs.Image("r/core:probe"), Expressions: []string{`.tag = "probe"`}},
		{Component: "batch", Image: refs.Image("r/batch:probe"), Expressions: []string{`.batch = "probe"`}},
	}
	b.Deployment.Neighbours = []plan.Neighbour{{
		Environment: other, Holds: []string{path + other + "/backend.yaml"}, Files: []plan.File{{Path: shopFile, Edits: probes}},
	}}
	for _, name := range components {
		at := map[string]string{"core": "tag", "web": "tag", "batch": "core"}[name] // batch of here has a value of its own
		ref := "ghcr.io/acme/" + name + ":" + at + "-" + sha[:8]
		set(&b, 0, name, ref, "."+at+` = "`+at+"-"+sha[:8]+`"`)
		b.Images = append(b.Images, bump.Image{Component: component.Name(name), Ref: refs.Image(ref), Digest: refs.Digest("ab")})
	}
	return b
}

// heldFrom holds a component in an environment.
func (s *scene) heldFrom(environment string, h hold.Hold) {
	s.Helper()
	b := s.common(environment, firstSHA)
	b.Hold = []hold.Hold{h}
	s.bump(b)
}

// neighbours are the scenarios of another environment's holds on values that both set.
var neighbours = []scenario{
	{name: "a hold of another environment counts for a value of both", files: map[string]string{shopFile: sharedFile}, run: func(s *scene) {
		s.heldFrom("prod", hold.Hold{Component: "core", Until: config.HoldUntilLift, Reason: "audit"})
		for _, component := range []string{"core", "web"} { // whatever the component is called here
			b := s.common("stage", firstSHA, component)
			s.refused(b, "a value of another environment, too", "prod: core is held", "audit", "mage hold -env=prod -only=core -lift", "-force")
			s.checked(b, "prod: core is held")
		}
		s.bump(s.common("stage", firstSHA, "batch")) // sets nothing of theirs
		s.heldFrom("prod", hold.Hold{Component: "batch", Until: config.HoldUntilLift, Reason: "audit"})
		s.bump(s.common("stage", secondSHA, "batch")) // whose value is another one there
		before := s.content(prodHold)
		forced := s.common("stage", secondSHA, "core")
		forced.Force = true
		if message := s.message(s.bump(forced).Commit); !strings.Contains(message, "Astrago-Forced: hold core of prod") {
			s.Errorf("message:\n%s", message)
		}
		s.wantContent(prodHold, before)
	}},
	{name: "a newer build passes the hold of another environment, and does not end it", files: map[string]string{shopFile: sharedFile}, run: func(s *scene) {
		s.heldFrom("prod", hold.Hold{Component: "core", Rejected: secondSHA, Tag: "x", Digest: refs.Digest("b"), Until: config.HoldUntilNewer})
		s.refused(s.common("stage", secondSHA, "core"), "prod: core is held", "this is the rejected build")
		same := s.common("stage", thirdSHA, "core")
		same.Images[0].Digest = refs.Digest("b")
		s.refused(same, "prod: core is held", "this is the rejected image")
		back := s.common("stage", thirdSHA, "core")
		back.Images[0].Digest, back.Rollback = refs.Digest("b"), &bump.Rollback{Restored: s.head()}
		s.refused(back, "prod: core is held", "this is the rejected image")
		before := s.content(prodHold)
		s.bump(s.common("stage", thirdSHA, "core"))
		s.wantContent(prodHold, before)
		older := s.common("stage", firstSHA, "core")
		older.Rollback = &bump.Rollback{Restored: s.head()}
		s.bump(older)
	}},
	{name: "a hold of another environment that nobody can read holds what both set", files: map[string]string{shopFile: sharedFile}, run: func(s *scene) {
		s.push(map[string]string{prodHold: "holds: {core: true}\n"})
		s.refused(s.common("stage", firstSHA, "core"), "reading the hold of prod", prodHold, "mage hold -env=prod -lift")
		s.bump(s.common("stage", firstSHA, "batch"))
	}},
	{name: "a hold of another environment that is put meanwhile is seen", files: map[string]string{shopFile: sharedFile}, run: func(s *scene) {
		b := s.common("stage", firstSHA, "core")
		b.Snapshot = s.read(b.Deployment)
		s.heldFrom("prod", hold.Hold{Component: "core", Until: config.HoldUntilLift, Reason: "audit"})
		_, err := s.client.Bump(s.Context(), b)
		wantProblem(s.T, err, problem.Refused, "prod: core is held")
	}},
}

func TestNeighbours(t *testing.T) {
	for _, s := range neighbours {
		t.Run(s.name, func(t *testing.T) { everywhere(t, s) })
	}
}
