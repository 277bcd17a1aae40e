package gitops_test

import (
	"context"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// images is a registry: digests by component and commit. The tag of a commit has its image.
type images map[string]map[string]string

func (i images) under(_ context.Context, image bump.Image, tag string) (digest.Digest, error) {
	for sha, found := range i[string(image.Component)] {
		if strings.HasSuffix(tag, sha[:8]) {
			return refs.Digest(found), nil
		}
	}
	return "", nil
}

// keeping is a release that leaves alone what has not changed.
func (s *scene) keeping(registry images, sha string, components ...string) bump.Bump {
	b := s.guarded(sha, components...)
	b.Deployment.Unchanged, b.DigestOf = config.UnchangedKeep, registry.under
	for i, image := range b.Images {
		b.Images[i].Digest = refs.Digest(registry[string(image.Component)][sha])
	}
	return b
}

// profiled is the release of an unchanged image of which another value is set from one text to another.
func (s *scene) profiled(before, after string) *bump.Result {
	s.push(map[string]string{shopFile: strings.Replace(s.content(shopFile), "  core:\n", "  core:\n    profile: "+before+"\n", 1)})
	s.bump(s.keeping(turned, firstSHA, "core"))
	b := s.keeping(turned, thirdSHA, "core")
	e := &b.Deployment.Files[0].Edits[0]
	e.Expressions = append(e.Expressions, `.shop.core.profile = "`+after+`"`)
	return s.bump(b)
}

// turned is a registry where core changes once and is turned back, and batch changes in the end.
var turned = images{
	"core":  {firstSHA: "a", secondSHA: "b", thirdSHA: "a", fourthSHA: "c"},
	"batch": {firstSHA: "d", secondSHA: "d", thirdSHA: "d", fourthSHA: "e"},
}

// kept are the scenarios of a release of components whose image is the deployed one.
var kept = []scenario{
	{name: "the same image keeps its tag", run: func(s *scene) {
		s.bump(s.keeping(turned, firstSHA, "core", "batch"))
		before := s.content(shopFile)
		result := s.bump(s.keeping(turned, thirdSHA, "core", "batch"))
		if s.content(shopFile) != before || len(result.Changes) != 0 || len(result.Kept) != 2 || result.UpToDate {
			s.Errorf("Result = %+v, the values:\n%s", result, s.content(shopFile))
		}
		message := s.message(result.Commit)
		for _, line := range []string{
			"keep(stage): backend 33333333\n", "\ncore keeps core-stage-11111111, which is the same image\n",
			"\nAstrago-Kept: core core-stage-11111111 ghcr.io/acme/backend@" + refs.Digest("a").String() + "\n",
		} {
			if !strings.Contains("\n"+message, line) {
				s.Errorf("the message lacks %q:\n%s", line, message)
			}
		}
		if strings.Contains(message, "Astrago-Image") {
			s.Errorf("the message says that images were deployed:\n%s", message)
		}
		at := s.commits()
		if again := s.bump(s.keeping(turned, thirdSHA, "core", "batch")); !again.UpToDate || len(again.Kept) != 2 || s.commits() != at {
			s.Errorf("again: %+v", again)
		}
	}},
	{name: "what has changed is set beside what is kept", run: func(s *scene) {
		s.bump(s.keeping(turned, firstSHA, "core", "batch"))
		result := s.bump(s.keeping(turned, secondSHA, "core", "batch"))
		s.wantTag("core", secondSHA)
		s.wantTag("batch", firstSHA)
		if len(result.Changes) != 1 || len(result.Kept) != 1 {
			s.Errorf("Result = %+v", result)
		}
		if message := s.message(result.Commit); strings.Contains(message, "Astrago-Image: batch") || strings.Contains(message, "Astrago-Value: batch") {
			s.Errorf("the message says that batch was deployed:\n%s", message)
		}
	}},
	{name: "an older build does not replace what a newer one has kept", run: func(s *scene) {
		s.bump(s.keeping(turned, firstSHA, "core", "batch"))
		s.bump(s.keeping(turned, thirdSHA, "core", "batch"))
		s.refused(s.keeping(turned, secondSHA, "core", "batch"), "a newer build is deployed", thirdSHA[:8])
		setting := s.keeping(turned, secondSHA, "core")
		setting.Deployment.Unchanged = config.UnchangedSet // its astrago.yaml is older, too
		s.refused(setting, "a newer build is deployed", thirdSHA[:8])
		s.bump(s.keeping(turned, fourthSHA, "core", "batch"))
		s.wantTag("core", fourthSHA)
	}},
	{name: "a rollback brings back what was kept with its order", run: func(s *scene) {
		s.bump(s.keeping(turned, firstSHA, "core"))
		s.bump(s.keeping(turned, thirdSHA, "core"))
		s.bump(s.keeping(turned, fourthSHA, "core"))
		back := s.back(fourthSHA, firstSHA, config.HoldUntilNewer, "core")
		back.Deployment.Unchanged, back.DigestOf = config.UnchangedKeep, turned.under
		s.bump(back)
		s.wantTag("core", firstSHA)
		s.bump(s.lift("core"))
		s.refused(s.keeping(turned, secondSHA, "core"), "a newer build is deployed", thirdSHA[:8])
	}},
	{name: "what was kept is known when its tag comes back, whatever was kept since", run: func(s *scene) {
		registry := images{"core": {oldSHA: "a", firstSHA: "b", secondSHA: "a", thirdSHA: "c", fourthSHA: "c"}}
		for _, sha := range []string{secondSHA, thirdSHA, fourthSHA} {
			s.bump(s.keeping(registry, sha, "core"))
		}
		s.push(map[string]string{shopFile: shopValues}) // somebody takes it back
		s.refused(s.keeping(registry, firstSHA, "core"), "a newer build is deployed", secondSHA[:8])
	}},
	{name: "a hold lets pass what it keeps as it is", run: func(s *scene) {
		s.bump(s.keeping(turned, firstSHA, "core", "batch"))
		s.bump(s.freeze("demo", "core"))
		s.bump(s.keeping(turned, thirdSHA, "core", "batch"))
		s.wantTag("core", firstSHA)
		if file := s.content(holdPath); !strings.Contains(file, "demo") {
			s.Errorf("the hold is gone:\n%s", file)
		}
		s.refused(s.keeping(turned, fourthSHA, "core", "batch"), "core is held")
		s.bump(s.lift("core"))
		s.refused(s.keeping(turned, secondSHA, "core", "batch"), "a newer build is deployed")
	}},
	{name: "a build that keeps ends a hold like one that sets", run: func(s *scene) {
		s.bump(s.keeping(turned, firstSHA, "core"))
		s.bump(s.keeping(turned, secondSHA, "core"))
		back := s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core")
		back.Images[0].Digest = refs.Digest("a")
		s.bump(back)
		s.bump(s.keeping(turned, thirdSHA, "core"))
		s.wantTag("core", firstSHA)
		if file := s.content(holdPath); strings.Contains(file, "holds:") {
			s.Errorf("the hold has not ended:\n%s", file)
		}
	}},
	{name: "a tag that was moved is not kept", run: func(s *scene) {
		s.bump(s.keeping(turned, firstSHA, "core"))
		moved := images{"core": {firstSHA: "c", fourthSHA: "c"}}
		s.bump(s.keeping(moved, fourthSHA, "core"))
		s.wantTag("core", fourthSHA)
	}},
	{name: "a value that differs by more than the tag is set", run: func(s *scene) {
		s.push(map[string]string{shopFile: strings.ReplaceAll(shopValues, "core-stage-9f8e7d6c", "elsewhere/backend:core-stage-11111111")})
		s.bump(s.keeping(turned, thirdSHA, "core"))
		s.wantTag("core", thirdSHA)
	}},
	{name: "one of which another value changes is set", run: func(s *scene) {
		if result := s.profiled("plain", "debug"); len(result.Kept) != 0 {
			s.Errorf("Result = %+v", result)
		}
		s.wantTag("core", thirdSHA)
	}},
	{name: "one of which another value is set to what it is keeps its tag", run: func(s *scene) {
		if result := s.profiled("debug", "debug"); len(result.Kept) != 1 {
			s.Errorf("Result = %+v", result)
		}
		s.wantTag("core", firstSHA)
	}},
	{name: "one that shares a value with a changed one is set", run: func(s *scene) {
		s.push(map[string]string{shopFile: "tag: stage-" + firstSHA[:8] + "\n"})
		b := s.keeping(turned, secondSHA, "core", "batch")
		for i := range b.Deployment.Files[0].Edits {
			e := &b.Deployment.Files[0].Edits[i]
			e.Image, e.Expressions = refs.Image("ghcr.io/acme/backend:stage-"+secondSHA[:8]), []string{`.tag = "stage-` + secondSHA[:8] + `"`}
			b.Images[i].Ref = e.Image
		}
		if result := s.bump(b); len(result.Kept) != 0 || !strings.Contains(s.content(shopFile), "stage-"+secondSHA[:8]) {
			s.Errorf("Result = %+v of %s", result, s.content(shopFile))
		}
	}},
	{name: "what is kept is judged anew on another head", run: func(s *scene) {
		s.bump(s.keeping(turned, firstSHA, "core"))
		s.on(writeCall, 1, github.Action{Before: func() {
			s.push(map[string]string{shopFile: strings.ReplaceAll(s.content(shopFile), firstSHA[:8], "00000000")})
		}})
		s.bump(s.keeping(turned, thirdSHA, "core"))
		s.wantTag("core", thirdSHA)
	}},
	{name: "a lost answer makes no second record", run: func(s *scene) {
		s.bump(s.keeping(turned, firstSHA, "core"))
		before := s.commits()
		s.on(writeCall, 1, github.Action{Cut: github.CutAnswer})
		if result := s.bump(s.keeping(turned, thirdSHA, "core")); s.commits() != before+1 || len(result.Kept) != 1 {
			s.Errorf("%d commits, Result = %+v", s.commits()-before, result)
		}
	}},
	{name: "records are not taken for holds", run: func(s *scene) {
		s.bump(s.keeping(turned, firstSHA, "core"))
		held := s.bump(s.freeze("demo", "core"))
		s.bump(s.keeping(turned, thirdSHA, "core"))
		commit, err := s.client.Repo.HoldCommit(s.Context(), s.read(s.guarded(thirdSHA, "core").Deployment))
		if err != nil || commit.SHA != held.Commit {
			s.Errorf("the hold is of commit %.8s, %v; it was put in %.8s", commit.SHA, err, held.Commit)
		}
	}},
}
