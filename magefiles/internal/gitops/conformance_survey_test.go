package gitops_test

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// surveys are the scenarios of reading several environments at once.
var surveys = []scenario{
	{name: "one question reads several environments", files: map[string]string{shopFile: shopValues, "prod.yaml": shopValues}, run: func(s *scene) {
		s.bump(s.guarded(firstSHA, "core"))
		s.bump(s.freeze("closing", "core"))
		stage, prod, lost := s.probe("core", "batch"), s.probe("core"), s.probe("core")
		prod.Files, prod.Hold = []plan.File{{Path: "prod.yaml", Edits: prod.Files[0].Edits}}, ".astrago/holds/prod/backend.yaml"
		lost.Files, lost.Hold = []plan.File{{Path: "lost.yaml", Edits: lost.Files[0].Edits}}, ""
		before := s.count(headCall)
		found := s.client.Repo.ReadAll(s.Context(), []plan.Deployment{stage, prod, lost})
		if got := s.count(headCall) - before; s.api() == config.APIGraphQL && got != 1 {
			s.Errorf("the branch was read %d times", got)
		}
		if tag, err := edit.TagOf(found[0].Snapshot, stage, "core"); err != nil || tag != "core-stage-11111111" {
			s.Errorf("stage has %q, %v", tag, err)
		}
		if tag, err := edit.TagOf(found[1].Snapshot, prod, "core"); err != nil || tag != "core-stage-9f8e7d6c" {
			s.Errorf("prod has %q, %v", tag, err)
		}
		if h := found[0].Snapshot.Holds; len(h) != 1 || h[0].Reason != "closing" || len(found[0].Holding) != 1 || found[0].Holding[0].SHA != s.head() {
			s.Errorf("held is %+v by %+v", h, found[0].Holding)
		}
		if len(found[0].Snapshot.History) != 2 || len(found[1].Snapshot.History) != 1 || len(found[1].Holding) != 0 || len(found[1].Snapshot.Holds) != 0 {
			s.Errorf("the histories are %+v and %+v", found[0].Snapshot.History, found[1].Snapshot.History)
		}
		wantProblem(s.T, found[2].Err, problem.Refused, "lost.yaml", "does not exist")
		if found[2].Snapshot != nil {
			s.Error("what could not be read has a snapshot")
		}
	}},
	{name: "a survey of a branch that does not exist", run: func(s *scene) {
		d := s.probe("core")
		d.Branch = "nope"
		found := s.client.Repo.ReadAll(s.Context(), []plan.Deployment{d, d})
		for _, f := range found {
			wantProblem(s.T, f.Err, problem.Refused, `no branch "nope"`)
		}
	}},
	{name: "the newest bump of each component", run: func(s *scene) {
		first := s.bump(s.guarded(firstSHA, "core", "batch"))
		other := s.guarded(firstSHA, "frontend")
		other.Environment = "prod"
		s.bump(other)
		second := s.bump(s.guarded(secondSHA, "core"))
		for n := range 40 { // out of the snapshot's view
			s.push(map[string]string{shopFile: strings.Replace(s.content(shopFile), "# stage", fmt.Sprintf("# stage %d\n#", n), 1)})
		}
		probe := s.probe("core", "batch", "frontend")
		newest, err := s.client.History.Newest(s.Context(), s.read(probe), probe, "acme/backend", "stage", []component.Name{"core", "batch", "frontend"})
		if err != nil {
			s.Fatal(err)
		}
		if o := newest["core"]; o.Commit.SHA != second.Commit || o.SHA != secondSHA || !o.Names("core-stage-22222222", "") || o.Names("core-stage-11111111", "core-stage-22222222") {
			s.Errorf("core is of %+v", o)
		}
		if o := newest["batch"]; o.Commit.SHA != first.Commit || !o.Names("batch-stage-11111111", "another") {
			s.Errorf("batch is of %+v", o)
		}
		if _, found := newest["frontend"]; found {
			s.Errorf("frontend is of %+v", newest["frontend"])
		}
	}},
	{name: "since when a tag is there", run: func(s *scene) {
		s.bump(s.guarded(firstSHA, "core", "batch"))
		edited := s.push(map[string]string{shopFile: strings.Replace(s.content(shopFile), "core-stage-11111111", "core-stage-aaaaaaaa", 1)})
		s.push(map[string]string{shopFile: "# more\n" + s.content(shopFile)})
		s.bump(s.guarded(secondSHA, "batch"))
		probe := s.probe("core", "batch", "frontend")
		snapshot := s.read(probe)
		since, err := s.client.History.Since(s.Context(), snapshot, probe, map[component.Name]string{"core": "core-stage-aaaaaaaa", "frontend": "frontend-stage-00000000"})
		if err != nil || since["core"].SHA != commitid.ID(edited) {
			s.Errorf("core is there since %+v, want %s; %v", since["core"], edited, err)
		}
		if oldest := snapshot.History[len(snapshot.History)-1]; since["frontend"].SHA != oldest.SHA {
			s.Errorf("frontend is there since %+v, want %+v", since["frontend"], oldest)
		}
	}},
}
