package gitops_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

const holdPath = ".astrago/holds/stage/backend.yaml"

// order is an application's history as a list: what comes later descends from what comes before. Others are on another line.
type order []string

// Compare implements bump.Ancestry.
func (o order) Compare(_ context.Context, base, head commitid.ID) (git.Comparison, error) {
	c := git.Comparison{Relation: git.Diverged, Base: git.Commit{SHA: base}}
	at := func(id string) int {
		return slices.IndexFunc(o, func(sha string) bool { return strings.HasPrefix(sha, id) })
	}
	switch b, h := at(string(base)), at(string(head)); {
	case b < 0 || h < 0:
		c.Relation, c.Reason = git.Unknown, "nobody has it"
	case b == h:
		c.Relation = git.Identical
	case b < h:
		c.Relation = git.Ahead
	case b > h:
		c.Relation = git.Behind
	}
	return c, nil
}

const (
	firstSHA  = "1111111111111111111111111111111111111111"
	secondSHA = "2222222222222222222222222222222222222222"
	thirdSHA  = "3333333333333333333333333333333333333333"
	fourthSHA = "4444444444444444444444444444444444444444"
)

// guarded is a release of the hub's repository, whose holds are looked at.
func (s *scene) guarded(sha string, components ...string) bump.Bump {
	b := s.release(sha, components...)
	b.Deployment.Hold = holdPath
	b.Ancestry = order{oldSHA, firstSHA, secondSHA, thirdSHA, fourthSHA}
	return b
}

// back is a rollback from one build to another, and holds what it replaces.
func (s *scene) back(from, to string, until config.HoldUntil, components ...string) bump.Bump {
	b := s.guarded(to, components...)
	b.Rollback, b.Reason = &bump.Rollback{Restored: s.head()}, "login fails"
	for _, c := range components {
		tag := c + "-stage-" + from[:8]
		b.Rollback.Rejected = append(b.Rollback.Rejected, bump.Build{Component: component.Name(c), Tag: tag, SHA: commitid.ID(from)})
		b.Hold = append(b.Hold, hold.Hold{Component: component.Name(c), Rejected: commitid.ID(from), Tag: tag, Until: until, Reason: b.Reason, Since: time.Now()})
	}
	return b
}

// freeze is a hold by hand, and lift its end.
func (s *scene) freeze(reason string, components ...string) bump.Bump {
	b := s.guarded("")
	for _, c := range components {
		b.Hold = append(b.Hold, hold.Hold{Component: component.Name(c), Until: config.HoldUntilLift, Reason: reason, Since: time.Now()})
	}
	return b
}

func (s *scene) lift(components ...string) bump.Bump {
	b := s.guarded("")
	b.Lift = component.Names(components)
	return b
}

// refused wants exit code 3 and words, and that nothing was committed.
func (s *scene) refused(b bump.Bump, words ...string) {
	s.Helper()
	before := s.head()
	_, err := s.client.Bump(s.Context(), b)
	wantProblem(s.T, err, problem.Refused, words...)
	if s.head() != before {
		s.Error("there is a commit in spite of the refusal")
	}
}

// wantTag checks one component's value.
func (s *scene) wantTag(component, sha string) {
	s.Helper()
	if got := s.content(shopFile); !strings.Contains(got, component+"-stage-"+sha[:8]) {
		s.Errorf("%s is not at %.8s:\n%s", component, sha, got)
	}
}

// wantHolds checks how many holds the files at two names have.
func wantHolds(s *scene, before, now int) {
	s.Helper()
	d := s.guarded(firstSHA, "core").Deployment
	for path, want := range map[string]int{holdPath: before, renamedPath: now} {
		d.Hold = path
		if got := s.read(d).Holds; len(got) != want {
			s.Errorf("%s: %+v, want %d", path, got, want)
		}
	}
}

const renamedPath = ".astrago/holds/stage/shop.yaml"

// holds are the scenarios of a hold: the builds that it refuses, and the conditions that end it.
var holds = []scenario{
	{name: "a hold follows its service to another name", run: func(s *scene) {
		renamed := func(b bump.Bump) bump.Bump {
			b.Service, b.Formerly = "shop", []string{"backend"}
			b.Deployment.Hold, b.Deployment.FormerHolds = renamedPath, []string{holdPath}
			return b
		}
		s.bump(s.guarded(secondSHA, "core", "batch"))
		s.bump(s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core", "batch"))
		s.refused(renamed(s.guarded(secondSHA, "core", "batch")), "core is held", "batch is held", "login fails")
		surveyed := s.client.Repo.ReadAll(s.Context(), []plan.Deployment{renamed(s.guarded(secondSHA, "core")).Deployment})
		if err := surveyed[0].Err; err != nil || len(surveyed[0].Snapshot.Holds) != 2 {
			s.Errorf("the survey finds %+v, %v", surveyed[0].Snapshot, err)
		}
		s.bump(renamed(s.guarded(thirdSHA, "core")))
		if file := s.content(renamedPath); strings.Contains(file, "component: core") || !strings.Contains(file, "component: batch") {
			s.Errorf("the holds are\n%s", file)
		}
		wantHolds(s, 0, 1)
		s.refused(renamed(s.guarded(secondSHA, "batch")), "batch is held")
		s.bump(renamed(s.freeze("closing", "batch")))
		s.bump(renamed(s.lift("batch")))
		wantHolds(s, 0, 0)
		s.bump(s.freeze("closing", "core"))
		lost := renamed(s.lift("core"))
		s.on(writeCall, 1, github.Action{Cut: github.CutAnswer})
		s.bump(lost)
		wantHolds(s, 0, 0)
	}},
	{name: "a rollback and its hold are one commit", run: func(s *scene) {
		s.bump(s.guarded(secondSHA, "core", "batch"))
		before := s.commits()
		result := s.bump(s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core", "batch"))
		if s.commits() != before+1 || len(result.Changes) != 2 {
			s.Errorf("%d commits, Result = %+v", s.commits()-before, result)
		}
		s.wantTag("core", firstSHA)
		file := s.content(holdPath)
		for _, word := range []string{"component: core", "component: batch", "rejected: \"" + secondSHA + "\"", "login fails", "mage hold -env=stage -lift"} {
			if !strings.Contains(file, word) {
				s.Errorf("the hold lacks %q:\n%s", word, file)
			}
		}
		message := s.message(result.Commit)
		for _, line := range []string{
			"rollback(stage): backend to 11111111\n", "\nAstrago-Rollback: core core-stage-22222222 acme/backend@" + secondSHA + "\n",
			"\nAstrago-Hold: batch until newer\n", "\nAstrago-Reason: login fails\n", "\nAstrago-Restored: ",
		} {
			if !strings.Contains(message, line) {
				s.Errorf("the message lacks %q:\n%s", line, message)
			}
		}
	}},
	{name: "the rejected build and its ancestors are refused, a newer one ends the hold", run: func(s *scene) {
		s.bump(s.guarded(thirdSHA, "core"))
		s.bump(s.back(thirdSHA, firstSHA, config.HoldUntilNewer, "core"))
		s.refused(s.guarded(thirdSHA, "core"), "stage is held", "core is held since", "just now", "by ", "rejecting core-stage-33333333", "login fails",
			"this is the rejected build", "mage hold -env=stage -only=core -lift", "-force", "descends from the rejected one")
		s.refused(s.guarded(secondSHA, "core"), "this build is older than the rejected one")
		s.refused(s.guarded(secondSHA, "core", "batch"), "core is held") // together or not at all
		s.bump(s.guarded(secondSHA, "batch"))
		s.bump(s.guarded(firstSHA, "core")) // is deployed already, and nothing to do is no bump

		lifting := s.bump(s.guarded(fourthSHA, "core"))
		if message := s.message(lifting.Commit); !strings.Contains(message, "\nAstrago-Lifted: core\n") {
			s.Errorf("the message does not say that the hold ended:\n%s", message)
		}
		if got := s.read(s.guarded(firstSHA).Deployment).Holds; len(got) != 0 {
			s.Errorf("holds %+v", got)
		}
		s.bump(s.guarded(thirdSHA, "batch"))
	}},
	{name: "until it is lifted means that no build ends it", run: func(s *scene) {
		s.bump(s.guarded(thirdSHA, "core"))
		s.bump(s.back(thirdSHA, firstSHA, config.HoldUntilLift, "core"))
		s.refused(s.guarded(fourthSHA, "core"), "no build is taken until it is lifted")
		result := s.bump(s.lift("core"))
		if message := s.message(result.Commit); !strings.HasPrefix(message, "lift(stage): backend core\n") || !strings.Contains(message, "Astrago-Lifted: core") {
			s.Errorf("message:\n%s", message)
		}
		if again := s.bump(s.lift("core")); !again.UpToDate {
			s.Errorf("lifted twice: %+v", again)
		}
		s.bump(s.guarded(thirdSHA, "core"))
	}},
	{name: "a hold that is put meanwhile is not lifted unless it is approved", run: func(s *scene) {
		s.bump(s.freeze("closing", "core"))
		refused, lifting := errors.New("not approved"), s.lift("core")
		lifting.Approve = func(draft *edit.Draft) error {
			if len(draft.Snapshot.Holds) != 1 {
				return refused
			}
			return nil
		}
		s.on(writeCall, 1, github.Action{Before: func() {
			s.push(map[string]string{holdPath: "holds:\n- {component: core, until: lift, reason: closing}\n- {component: core, rejected: 0badc0de, until: lift}\n"})
		}})
		if _, err := s.client.Bump(s.Context(), lifting); !errors.Is(err, refused) {
			s.Errorf("the error is %v", err)
		}
		if holds := s.read(s.guarded("").Deployment).Holds; len(holds) != 2 {
			s.Errorf("what is held is %+v", holds)
		}
	}},
	{name: "a freeze by hand refuses every build", run: func(s *scene) {
		before := s.content(shopFile)
		first := s.bump(s.freeze("audit", "core", "batch"))
		if message := s.message(first.Commit); !strings.HasPrefix(message, "hold(stage): backend core, batch\n") {
			s.Errorf("message:\n%s", message)
		}
		if again := s.bump(s.freeze("audit", "core", "batch")); !again.UpToDate {
			s.Errorf("held twice: %+v", again)
		}
		s.wantContent(shopFile, before)
		s.refused(s.guarded(fourthSHA, "core"), "audit", "nothing changes until it is lifted")
		s.bump(s.lift("core"))
		s.bump(s.guarded(fourthSHA, "core"))
		s.refused(s.guarded(fourthSHA, "batch"), "batch is held")
	}},
	{name: "force passes a hold once and says so", run: func(s *scene) {
		s.bump(s.freeze("audit", "core"))
		forced := s.guarded(firstSHA, "core")
		forced.Force = true
		message := s.message(s.bump(forced).Commit)
		if !strings.HasPrefix(message, "deploy(stage): backend 11111111 (forced)\n") || !strings.Contains(message, "\nAstrago-Forced: hold core\n") {
			s.Errorf("message:\n%s", message)
		}
		s.refused(s.guarded(secondSHA, "core"), "audit")
	}},
	{name: "a hold is of one service and environment only", run: func(s *scene) {
		s.bump(s.freeze("audit", "core", "batch"))
		other := s.guarded(secondSHA, "core")
		other.Service, other.Deployment.Hold = "frontend", ".astrago/holds/stage/frontend.yaml"
		s.bump(other)
	}},
	{name: "a hold that is put while a bump is at work is seen", run: func(s *scene) {
		freeze := s.freeze("audit", "core")
		s.on(writeCall, 1, github.Action{Before: func() {
			if _, err := s.newClient().Bump(context.WithoutCancel(s.Context()), freeze); err != nil {
				s.Error(err)
			}
		}})
		_, err := s.client.Bump(s.Context(), s.guarded(secondSHA, "core"))
		wantProblem(s.T, err, problem.Refused, "core is held", "audit")
		if strings.Contains(s.content(shopFile), "22222222") {
			s.Error("the build was deployed over the hold")
		}
	}},
	{name: "a bump that commits during a rollback is not lost unseen", run: func(s *scene) {
		s.bump(s.guarded(secondSHA, "core", "batch"))
		rollback := s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core")
		bump := s.guarded(thirdSHA, "batch")
		s.on(writeCall, 1, github.Action{Before: func() {
			if _, err := s.newClient().Bump(context.WithoutCancel(s.Context()), bump); err != nil {
				s.Error(err)
			}
		}})
		s.bump(rollback)
		s.wantTag("core", firstSHA)
		s.wantTag("batch", thirdSHA)
		s.refused(s.guarded(secondSHA, "core"), "this is the rejected build")
	}},
	{name: "a rollback whose answer is lost is one commit", run: func(s *scene) {
		for name, action := range failures(s.api()) {
			s.push(map[string]string{shopFile: strings.ReplaceAll(shopValues, "9f8e7d6c", secondSHA[:8])})
			rollback := s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core")
			before := s.commits()
			s.on(writeCall, 1, action)
			result := s.bump(rollback)
			if got := s.commits() - before; got != 1 || result.UpToDate {
				s.Errorf("%s: %d commits, Result = %+v", name, got, result)
			}
			s.bump(s.lift("core"))
		}
	}},
	{name: "a hold whose answer is lost is one commit, also where somebody lifts it at once", run: func(s *scene) {
		for name, action := range failures(s.api()) {
			freeze, before := s.freeze("audit", "core"), s.commits()
			s.on(writeCall, 1, action)
			if result := s.bump(freeze); s.commits() != before+1 || result.UpToDate || result.Commit != s.head() {
				s.Errorf("%s: %d commits, Result = %+v", name, s.commits()-before, result)
			}
			s.bump(s.lift("core"))
		}
		before := s.commits()
		s.on(writeCall, 1, github.Action{Cut: github.CutAnswer, After: func() { s.push(map[string]string{holdPath: ""}) }})
		if result := s.bump(s.freeze("audit", "core")); s.commits() != before+2 || result.UpToDate || result.Commit == s.head() {
			s.Errorf("%d commits, Result = %+v", s.commits()-before, result)
		}
	}},
	{name: "a hold costs a release no request", run: func(s *scene) {
		s.bump(s.guarded(firstSHA, "core"))
		calls := s.count(anyCall)
		plain := s.guarded(secondSHA, "core")
		plain.Deployment.Hold, plain.Ancestry = "", nil
		s.bump(plain)
		if without := s.count(anyCall) - calls; without != calls {
			s.Errorf("%d requests with holds, %d without", calls, without)
		}
	}},
	{name: "a rejected image stays out under the name of any commit", run: func(s *scene) {
		rejected, key := refs.Digest("ba"), "the key of the rejected one"
		s.bump(s.guarded(secondSHA, "core", "batch"))
		back := s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core", "batch")
		back.Hold[0].Digest, back.Hold[0].Key = rejected, key
		s.bump(back)
		for name, image := range map[string]struct {
			digest    digest.Digest
			key, says string
		}{
			"the same digest":             {digest: rejected},
			"the same key, built again":   {digest: refs.Digest("cd"), key: key},
			"the same key, which it says": {digest: refs.Digest("cd"), says: key},
		} {
			for _, sha := range []string{thirdSHA, "9999999999999999999999999999999999999999"} { // after it; amended, on another line
				b := s.guarded(sha, "core", "batch")
				b.Images[0].Digest, b.Images[0].Key = image.digest, image.key
				b.KeyOf = func(context.Context, bump.Image) (string, error) { return image.says, nil }
				b.Ancestry = amended{order{oldSHA, firstSHA, secondSHA, thirdSHA}}
				s.refused(b, "core is held", "the rejected image", "change what core is built from", "mage hold -env=stage -only=core -lift")
				if s.Failed() {
					s.Fatalf("%s at %.8s", name, sha)
				}
			}
		}
		unknown := s.guarded(thirdSHA, "core")
		unknown.Images[0].Digest = refs.Digest("cd")
		unknown.KeyOf = func(context.Context, bump.Image) (string, error) { return "", errNoAnswer }
		if _, err := s.client.Bump(s.Context(), unknown); !errors.Is(err, errNoAnswer) {
			s.Errorf("error %v", err)
		}
		s.bump(s.guarded(thirdSHA, "batch")) // the hold against its build names no image, and ends
		fixed := s.guarded(thirdSHA, "core")
		fixed.Images[0].Digest, fixed.Images[0].Key = refs.Digest("cd"), "another key"
		if message := s.message(s.bump(fixed).Commit); !strings.Contains(message, "Astrago-Lifted: core") {
			s.Errorf("message:\n%s", message)
		}
	}},
	{name: "a file of holds from before images were recorded is read", run: func(s *scene) {
		s.bump(s.guarded(secondSHA, "core"))
		s.push(map[string]string{holdPath: "holds:\n    - component: core\n      rejected: \"" + thirdSHA + "\"\n      tag: core-stage-33333333\n" +
			"      until: newer\n      since: 2026-03-02T03:12:44Z\n"})
		s.refused(s.guarded(thirdSHA, "core"), "core is held since 2026-03-02 03:12 UTC", "this is the rejected build")
		s.bump(s.guarded(fourthSHA, "core"))
	}},
	{name: "what cannot be compared stays refused", run: func(s *scene) {
		s.bump(s.back("5555555555555555555555555555555555555555", firstSHA, config.HoldUntilNewer, "core"))
		s.refused(s.guarded(fourthSHA, "core"), "cannot be compared with the rejected one: nobody has it")
		unknown := s.guarded(fourthSHA, "core")
		unknown.Ancestry = failing{}
		if _, err := s.client.Bump(s.Context(), unknown); !errors.Is(err, errNoAnswer) {
			s.Errorf("error %v", err)
		}
	}},
	{name: "a file of holds that nobody understands holds everything", run: func(s *scene) {
		s.push(map[string]string{holdPath: "holds: {core: true}\n"})
		s.refused(s.guarded(firstSHA, "core"), "reading the hold", holdPath, "mage hold -lift")
		forced := s.guarded(firstSHA, "core")
		forced.Force = true
		s.bump(forced)
		s.bump(s.lift("core"))
		s.bump(s.guarded(secondSHA, "core"))
	}},
	{name: "no hold takes the place of a file that nobody understands", run: func(s *scene) {
		s.bump(s.guarded(secondSHA, "core"))
		s.push(map[string]string{holdPath: "holds:\n- {component: batch, until: never}\n"})
		s.refused(s.freeze("audit", "core"), "reading the hold", holdPath, `ends at "never"`)
		back := s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core")
		s.refused(back, "reading the hold", holdPath)
		back.Force = true
		s.bump(back)
		s.wantTag("core", firstSHA)
	}},
	{name: "a rollback over a freeze keeps it frozen", run: func(s *scene) {
		s.bump(s.guarded(secondSHA, "core"))
		s.bump(s.freeze("audit", "core"))
		s.bump(s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core"))
		s.refused(s.guarded(thirdSHA, "core"), "nothing changes until it is lifted")
		s.push(map[string]string{shopFile: strings.ReplaceAll(shopValues, "9f8e7d6c", secondSHA[:8])})
		s.bump(s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core")) // it was frozen, and is not now
		s.refused(s.guarded(thirdSHA, "core"), "nothing changes until it is lifted")
	}},
	{name: "a second rollback keeps what the first one rejected", run: func(s *scene) {
		s.bump(s.guarded(thirdSHA, "core"))
		s.bump(s.back(thirdSHA, secondSHA, config.HoldUntilNewer, "core"))
		s.bump(s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core"))
		s.refused(s.guarded(thirdSHA, "core"), "rejecting core-stage-33333333", "this is the rejected build", "-only=core -lift")
		s.refused(s.guarded(secondSHA, "core"), "older than the rejected one", "rejecting core-stage-22222222")
		forced := s.guarded(thirdSHA, "core") // newer than the second
		forced.Force = true
		message := s.message(s.bump(forced).Commit)
		if strings.Contains(message, "Astrago-Lifted") || strings.Count(message, "Astrago-Forced: hold core") != 1 {
			s.Errorf("message:\n%s", message)
		}
		s.bump(s.back(thirdSHA, firstSHA, config.HoldUntilNewer, "core"))
		message = s.message(s.bump(s.guarded(fourthSHA, "core")).Commit)
		if got := s.read(s.guarded(firstSHA).Deployment).Holds; len(got) != 0 || strings.Count(message, "Astrago-Lifted: core") != 1 {
			s.Errorf("holds %+v, message:\n%s", got, message)
		}
	}},
	{name: "a rollback does not replace what nobody decided about", run: func(s *scene) {
		s.bump(s.guarded(secondSHA, "core"))
		rollback, bump := s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core"), s.guarded(thirdSHA, "core")
		s.on(writeCall, 1, github.Action{Before: func() {
			if _, err := s.newClient().Bump(context.WithoutCancel(s.Context()), bump); err != nil {
				s.Error(err)
			}
		}})
		_, err := s.client.Bump(s.Context(), rollback)
		wantProblem(s.T, err, problem.Refused, "core-stage-33333333", "meanwhile", "again")
		s.wantTag("core", thirdSHA)
		if got := s.read(rollback.Deployment).Holds; len(got) != 0 {
			s.Errorf("holds %+v", got)
		}
	}},
}

// amended is an order in which every other commit is on another line of history.
type amended struct{ order }

// Compare implements bump.Ancestry.
func (a amended) Compare(ctx context.Context, base, head commitid.ID) (git.Comparison, error) {
	c, err := a.order.Compare(ctx, base, head)
	if c.Relation == git.Unknown {
		c.Relation = git.Diverged
	}
	return c, err
}

var errNoAnswer = errors.New("no route to host")

type failing struct{}

// Compare implements bump.Ancestry.
func (failing) Compare(context.Context, commitid.ID, commitid.ID) (git.Comparison, error) {
	return git.Comparison{}, errNoAnswer
}
