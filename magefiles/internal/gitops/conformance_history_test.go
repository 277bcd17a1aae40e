package gitops_test

import (
	"fmt"
	"maps"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// probe is a deployment whose expressions tell the tags.
func (s *scene) probe(components ...string) plan.Deployment {
	b := s.guarded("")
	for _, c := range components {
		set(&b, 0, c, "", fmt.Sprintf(`.shop.%[1]s.imageTag = "astrago-probe-tag-%[1]s"`, c))
	}
	return b.Deployment
}

// tags reads what is set now.
func (s *scene) tags(components ...string) map[component.Name]string {
	s.Helper()
	tags, err := edit.Tags(s.read(s.probe(components...)), s.probe(components...))
	if err != nil {
		s.Fatal(err)
	}
	return tags
}

// earlier looks for a state and gives its tag of core, "" where there is none.
func (s *scene) earlier(steps int, to string, components ...string) (tag string, state *history.State) {
	s.Helper()
	probe := s.probe(components...)
	snapshot := s.read(probe)
	state, _, err := s.client.History.Previous(s.Context(), snapshot, probe, history.PreviousQuery{
		Application: "acme/backend", Environment: "stage", Now: s.tags(components...), Steps: steps, To: to,
	})
	if err != nil {
		s.Fatal(err)
	}
	if state == nil {
		return "", nil
	}
	return state.Named[component.Name(components[0])].Tag, state
}

func (s *scene) wantEarlier(want string, steps int, to string, components ...string) *history.State {
	s.Helper()
	tag, state := s.earlier(steps, to, components...)
	if tag != want {
		s.Errorf("%d steps back, to %q: %q, want %q", steps, to, tag, want)
	}
	return state
}

// rollBack goes one step back, as a rollback does.
func (s *scene) rollBack(components ...string) {
	s.Helper()
	now := s.tags(components...)
	_, state := s.earlier(1, "", components...)
	if state == nil {
		s.Fatal("there is no earlier state")
	}
	sha := func(tag string) string { return strings.Repeat(tag[len(tag)-1:], 40) }
	b := s.back(sha(now[component.Name(components[0])]), sha(state.Named[component.Name(components[0])].Tag), config.HoldUntilNewer, components...)
	b.Rollback.Restored = state.Commit.SHA
	s.bump(b)
}

// histories are the scenarios of reading the history of the values.
var histories = []scenario{
	{name: "the previous state is found below other commits", run: func(s *scene) {
		s.bump(s.guarded(firstSHA, "core", "batch"))
		s.bump(s.guarded(secondSHA, "core", "batch"))
		s.push(map[string]string{shopFile: strings.Replace(s.content(shopFile), frontendOld, frontendNew, 1)})
		s.wantEarlier("core-stage-11111111", 1, "", "core", "batch")
		s.wantEarlier("core-stage-9f8e7d6c", 2, "", "core", "batch")
		s.wantEarlier("", 3, "", "core", "batch")
	}},
	{name: "a rollback goes on where the last one ended", run: func(s *scene) {
		for _, sha := range []string{firstSHA, secondSHA, thirdSHA} {
			s.bump(s.guarded(sha, "core", "batch"))
		}
		s.rollBack("core", "batch")
		s.wantTag("core", secondSHA)
		s.rollBack("core", "batch")
		s.wantTag("core", firstSHA)
		s.wantEarlier("core-stage-9f8e7d6c", 1, "", "core", "batch")
		s.bump(s.guarded(fourthSHA, "core", "batch")) // newer than what was rejected
		s.rollBack("core", "batch")
		s.wantTag("core", firstSHA)
		s.wantEarlier("core-stage-9f8e7d6c", 1, "", "core", "batch")
	}},
	{name: "a rejected build that was deployed again counts", run: func(s *scene) {
		s.bump(s.guarded(firstSHA, "core"))
		s.bump(s.guarded(secondSHA, "core"))
		s.rollBack("core")
		s.bump(s.lift("core"))
		s.bump(s.guarded(secondSHA, "core"))
		s.bump(s.guarded(thirdSHA, "core"))
		s.wantEarlier("core-stage-22222222", 1, "", "core")
	}},
	{name: "components have their own past", run: func(s *scene) {
		s.bump(s.guarded(firstSHA, "core"))
		s.bump(s.guarded(secondSHA, "batch"))
		s.bump(s.guarded(thirdSHA, "core"))
		s.rollBack("core")
		s.wantTag("core", firstSHA)
		s.wantTag("batch", secondSHA)
		s.wantEarlier("batch-stage-9f8e7d6c", 1, "", "batch")
	}},
	{name: "history without trailers is read from the values", run: func(s *scene) {
		for _, id := range []string{"aaaaaaaa", "bbbbbbbb", "cccccccc"} {
			s.push(map[string]string{shopFile: strings.ReplaceAll(shopValues, "9f8e7d6c", id)})
		}
		state := s.wantEarlier("core-stage-bbbbbbbb", 1, "", "core", "batch")
		if want := map[component.Name]string{"core": "core-stage-bbbbbbbb", "batch": "batch-stage-bbbbbbbb"}; !maps.Equal(edit.TagsOf(state.Named), want) {
			s.Errorf("tags %q", edit.TagsOf(state.Named))
		}
		s.wantEarlier("core-stage-aaaaaaaa", 1, "core-stage-aaaaaaaa", "core", "batch")
		s.wantEarlier("core-stage-aaaaaaaa", 1, "aaaaaaaa"+firstSHA[8:], "core")
		s.wantEarlier("core-stage-aaaaaaaa", 1, "aaaaaaa", "core")
		s.wantEarlier("core-stage-bbbbbbbb", 1, string(state.Commit.SHA[:12]), "core")
		s.wantEarlier("core-stage-cccccccc", 1, "core-stage-cccccccc", "core") // that of now
		s.wantEarlier("", 1, "core-stage-eeeeeeee", "core")
	}},
	{name: "a commit whose files had another layout is passed over", run: func(s *scene) {
		s.push(map[string]string{shopFile: "apps: {core: {tag: a}}\n"})
		s.push(map[string]string{shopFile: "shop: [\n"})
		s.push(map[string]string{shopFile: ""})
		s.push(map[string]string{shopFile: strings.ReplaceAll(shopValues, "9f8e7d6c", "bbbbbbbb")})
		s.wantEarlier("core-stage-9f8e7d6c", 1, "", "core")
	}, notOnEmulate: "its pushes cannot delete"},
	{name: "several files are one state", files: map[string]string{shopFile: shopValues, "other.yaml": "batch: batch-stage-9f8e7d6c\n"}, run: func(s *scene) {
		probe := s.probe("core")
		probe.Files = append(probe.Files, plan.File{Path: "other.yaml", Edits: []plan.Edit{{Component: "batch", Expressions: []string{`.batch = "astrago-probe-tag-batch"`}}}})
		s.push(map[string]string{"other.yaml": "batch: batch-stage-bbbbbbbb\n"})
		snapshot := s.read(probe)
		now, err := edit.Tags(snapshot, probe)
		if err != nil {
			s.Fatal(err)
		}
		state, looked, err := s.client.History.Previous(s.Context(), snapshot, probe, history.PreviousQuery{Now: now, Steps: 1})
		if err != nil || state == nil || state.Named["batch"].Tag != "batch-stage-9f8e7d6c" || state.Named["core"].Tag != "core-stage-9f8e7d6c" || looked != 2 {
			s.Errorf("state %+v after %d commits, %v", state, looked, err)
		}
	}},
	{name: "the history is read to its beginning", run: func(s *scene) {
		for n := range 60 { // more than a page
			s.push(map[string]string{shopFile: strings.Replace(shopValues, frontendOld, fmt.Sprintf("frontend-stage-%08x", n+1), 1)})
		}
		s.push(map[string]string{shopFile: strings.Replace(s.content(shopFile), "core-stage-9f8e7d6c", "core-stage-bbbbbbbb", 1)})
		s.wantEarlier("core-stage-9f8e7d6c", 60, "9f8e7d6c", "core")
		s.wantEarlier("frontend-stage-0000003b", 1, "", "frontend")
		s.wantEarlier("frontend-stage-00000000", 60, "", "frontend")
		s.wantEarlier("", 61, "", "frontend")
	}},
	{name: "an origin is what the bump of a tag recorded", run: origins},
	{name: "tags that nobody can read are refused", run: func(s *scene) {
		probe := s.probe("core")
		probe.Files[0].Edits[0].Expressions = []string{`.shop.core.imageTag = "ghcr.io/acme/backend:astrago-probe-tag-core"`}
		_, err := edit.Tags(s.read(probe), probe)
		wantProblem(s.T, err, problem.Refused, "core", shopFile, "not what `set` makes")
		probe.Files[0].Edits[0].Expressions = []string{`.shop.core.imageTag = "constant"`}
		_, err = edit.Tags(s.read(probe), probe)
		wantProblem(s.T, err, problem.Usage, "core", "{{ .Tag }}")
		probe = s.probe("core", "core")
		probe.Files[0].Edits[1].Expressions = []string{`.shop.batch.imageTag = "astrago-probe-tag-core"`}
		_, err = edit.Tags(s.read(probe), probe)
		wantProblem(s.T, err, problem.Refused, "core-stage-9f8e7d6c", "batch-stage-9f8e7d6c")
	}},
}

func origins(s *scene) {
	first := s.bump(s.guarded(firstSHA, "core", "batch"))
	second := s.bump(s.guarded(secondSHA, "core"))
	elsewhere := s.guarded(thirdSHA, "batch")
	elsewhere.Environment = "prod"
	s.bump(elsewhere)
	mixed := s.guarded("", "core", "batch")
	mixed.Images[0].SHA, mixed.Images[1].SHA = fourthSHA, thirdSHA
	mixed.Deployment.Files[0].Edits[0].Expressions[0] = `.shop.core.imageTag = "v4"`
	mixed.Deployment.Files[0].Edits[1].Expressions[0] = `.shop.batch.imageTag = "batch-stage-33333334"`
	both := s.bump(mixed)
	wanted := []history.TagQuery{
		{Component: "core", Tag: "core-stage-11111111"},
		{Component: "core", Tag: "core-stage-22222222"},
		{Component: "batch", Tag: "batch-stage-11111111"},
		{Component: "batch", Tag: "batch-stage-ffffffff"},
		{Component: "core", Tag: "v4"},
	}
	probe := s.probe("core", "batch")
	found, err := s.client.History.Provenances(s.Context(), s.read(probe), probe, "acme/backend", "stage", wanted, func(name component.Name, sha commitid.ID) string {
		if sha == fourthSHA {
			return "" // nobody can tell
		}
		return fmt.Sprintf("%s-stage-%.8s", name, sha)
	})
	if err != nil {
		s.Fatal(err)
	}
	for i, want := range []struct{ commit, sha string }{
		{string(first.Commit), firstSHA}, {string(second.Commit), secondSHA}, {string(first.Commit), firstSHA}, {"", ""}, {string(both.Commit), fourthSHA},
	} {
		if o := found[i]; o.Commit.SHA != commitid.ID(want.commit) || o.SHA != commitid.ID(want.sha) || (o.SHA != "" && o.Digest.Validate() != nil) {
			s.Errorf("origin of %+v: %+v, want %+v", wanted[i], o, want)
		}
	}
	if sources := s.message(both.Commit); !strings.Contains(sources, "Astrago-Source: acme/backend@"+fourthSHA+" core\nAstrago-Source: acme/backend@"+thirdSHA+" batch\n") {
		s.Errorf("message:\n%s", sources)
	}
}
