package gitops_test

import (
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	githubapi "github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

const runURL = "https://github.com/acme/backend/actions/runs/7"

// otherFile is a path with all that has to be escaped somewhere.
const otherFile = "environments/stage/한국 100%/a..b?c#d+&.yaml"

// bumps are the scenarios of a bump without faults.
var bumps = []scenario{
	{name: "a bump is one commit of exactly its values", run: func(s *scene) {
		before := s.commits()
		result := s.bump(s.release(newSHA, "core", "batch"))
		s.wantCalls(1, 1)
		if head := s.head(); head != result.Commit || s.commits() != before+1 {
			s.Errorf("the branch is at %s with %d commits more, Commit is %s", head, s.commits()-before, result.Commit)
		}
		if result.UpToDate || result.Attempts != 1 || result.URL == "" || len(result.Changes) != 2 {
			s.Errorf("Result = %+v", result)
		}
		s.wantContent(shopFile, strings.NewReplacer("core-stage-9f8e7d6c", "core-stage-a1b2c3d4",
			"batch-stage-9f8e7d6c", "batch-stage-a1b2c3d4").Replace(shopValues))
		s.wantContent("README.md", "values of every environment\n")
	}},
	{name: "the message is a table and trailers that git reads", run: func(s *scene) {
		b := s.release(newSHA, "core", "batch")
		b.RunURL = runURL
		result := s.bump(b)
		digest := "sha256:" + strings.Repeat("ab", 32)
		trailers := "Astrago-Source: acme/backend@" + newSHA + "\n" +
			"Astrago-Service: backend\n" +
			"Astrago-Environment: stage\n" +
			"Astrago-Image: core ghcr.io/acme/backend@" + digest + "\n" +
			"Astrago-Image: batch ghcr.io/acme/backend@" + digest + "\n" +
			"Astrago-Value: core environments/stage/values.yaml shop.core.imageTag\n" +
			"Astrago-Value: batch environments/stage/values.yaml shop.batch.imageTag\n" +
			"Astrago-Bump-Id: " + result.BumpID + "\n" +
			"Astrago-Run: " + runURL + "\n"
		want := "deploy(stage): backend a1b2c3d4\n\n" +
			"core   core-stage-9f8e7d6c  -> core-stage-a1b2c3d4\n" +
			"batch  batch-stage-9f8e7d6c -> batch-stage-a1b2c3d4\n\n" + trailers
		message := s.message(result.Commit)
		if strings.TrimRight(message, "\n") != strings.TrimRight(want, "\n") {
			s.Errorf("message:\n%s\nwant:\n%s", message, want)
		}
		cmd := exec.CommandContext(s.Context(), "git", "interpret-trailers", "--parse")
		cmd.Stdin = strings.NewReader(message)
		if parsed, err := cmd.Output(); err != nil || string(parsed) != trailers {
			s.Errorf("git reads the trailers as\n%s\nwant\n%s\n%v", parsed, trailers, err)
		}
	}},
	{name: "what is deployed is not committed again", run: func(s *scene) {
		first := s.bump(s.release(newSHA, "core", "batch"))
		s.push(map[string]string{"monochart/stage/rendered.yaml": "rendered: true\n"})
		before := s.commits()
		again := s.bump(s.release(newSHA, "core", "batch"))
		s.wantCalls(2, 1)
		if !again.UpToDate || again.Commit != first.Commit || len(again.Changes) != 0 || s.commits() != before {
			s.Errorf("Result = %+v, want up to date at %s", again, first.Commit)
		}
		if again.URL == "" || !strings.HasSuffix(again.URL, string(first.Commit)) {
			s.Errorf("URL = %q", again.URL)
		}
	}},
	{name: "values that were set by hand name the head", run: func(s *scene) {
		if got := s.bump(s.release(oldSHA, "core")); !got.UpToDate || got.Commit != s.head() {
			s.Errorf("Result = %+v, want up to date at the head", got)
		}
	}},
	{name: "a snapshot that was read before spares the read", run: func(s *scene) {
		b := s.release(newSHA, "core")
		b.Snapshot = s.read(b.Deployment)
		s.bump(b)
		s.wantCalls(1, 1)
	}},
	{name: "an old snapshot is not believed when it says that nothing is to do", run: func(s *scene) {
		s.bump(s.release(newSHA, "core"))
		b := s.release(newSHA, "core")
		b.Snapshot = s.read(b.Deployment)
		s.push(map[string]string{shopFile: shopValues}) // meanwhile somebody set the old value
		s.clock.Advance(4 * time.Minute)                // images were built
		if result := s.bump(b); result.UpToDate {
			s.Error("nothing was done because of an old snapshot")
		}
		s.wantContent(shopFile, strings.Replace(shopValues, "core-stage-9f8e7d6c", "core-stage-a1b2c3d4", 1))
	}},
	{name: "a snapshot of another branch is not used", run: func(s *scene) {
		b := s.release(newSHA, "core")
		other := *s.read(b.Deployment)
		other.Branch = "other"
		b.Snapshot = &other
		s.bump(b)
		s.wantCalls(2, 1)
	}},
	{name: "several files are one commit", files: map[string]string{shopFile: shopValues, otherFile: "job: { image: { tag: x } }\r\n"}, run: severalFiles},
	{name: "the history tells what was released", run: released},
	{name: "the history of several files is one list", files: map[string]string{shopFile: shopValues, "other.yaml": "a: 1\n"}, run: func(s *scene) {
		s.push(map[string]string{"other.yaml": "a: 2\n"})
		last := s.push(map[string]string{shopFile: shopValues + "# changed\n"})
		d := s.release(newSHA).Deployment
		d.Files = append(d.Files, plan.File{Path: "other.yaml"})
		var ids []commitid.ID
		for _, c := range s.read(d).History {
			if slices.Contains(ids, c.SHA) {
				s.Errorf("commit %s comes twice", c.SHA)
			}
			ids = append(ids, c.SHA)
		}
		if len(ids) != 3 || ids[0] != commitid.ID(last) {
			s.Errorf("history %q, want 3 that begin with %s", ids, last)
		}
	}},
}

func severalFiles(s *scene) {
	b := s.release(newSHA, "core", "batch")
	b.Deployment.Files = append(b.Deployment.Files, plan.File{Path: otherFile})
	set(&b, 1, "batch", "", `.job.image.tag = "batch-stage-a1b2c3d4"`)
	before := s.commits()
	result := s.bump(b)
	s.wantCalls(1, 1)
	if got := s.commits() - before; got != 1 {
		s.Errorf("%d commits", got)
	}
	s.wantContent(otherFile, "job: { image: { tag: batch-stage-a1b2c3d4 } }\r\n")
	want := shopFile + "\n" +
		"core   core-stage-9f8e7d6c  -> core-stage-a1b2c3d4\n" +
		"batch  batch-stage-9f8e7d6c -> batch-stage-a1b2c3d4\n\n" +
		otherFile + "\n" +
		"batch  x                    -> batch-stage-a1b2c3d4\n"
	if message := s.message(result.Commit); !strings.Contains(message, want) {
		s.Errorf("message:\n%s\nwant in it:\n%s", message, want)
	}
}

func released(s *scene) {
	s.bump(s.release(oldSHA[:7]+"0"+oldSHA[8:], "core"))
	s.push(map[string]string{shopFile: shopValues + "# by hand\n"})
	first := s.bump(s.release(newSHA, "core"))
	for sha, change := range map[string]func(*bump.Bump){
		strings.Repeat("f", 40): func(b *bump.Bump) { b.Service, b.Source.Repository = "frontend", "acme/frontend" },
		strings.Repeat("e", 40): func(b *bump.Bump) { b.Environment = "prod" },
	} {
		other := s.release(sha, "batch")
		change(&other)
		other.Force = true // the value changes hands
		s.bump(other)
	}
	s.push(map[string]string{"README.md": "another file\n"})

	snapshot := s.read(s.release(newSHA).Deployment)

	got, ok := snapshot.Latest(nil, "acme/backend", "stage")
	if !ok || got.SHA != first.Commit || got.URL == "" || got.Time.IsZero() {
		s.Errorf("Latest = %+v, %v; want %s", got, ok, first.Commit)
	}
	if source, sha, ok := got.Trailers().Source(); source != "acme/backend" || sha != newSHA || !ok {
		s.Errorf("source is %s@%s", source, sha)
	}
	if renamed, ok := snapshot.Latest([]string{"Acme/Backend"}, "acme/shop", "stage"); !ok || renamed.SHA != got.SHA {
		s.Errorf("under the name of before: %+v", renamed)
	}
	if _, ok := snapshot.Latest(nil, "acme/unknown", "stage"); ok {
		s.Error("an unknown repository has a release")
	}
	if snapshot.Head != s.head() || snapshot.Repository != s.repository() {
		s.Errorf("head %s of %s", snapshot.Head, snapshot.Repository)
	}
	if err := snapshot.CheckWrite(githubapi.Identity{Name: "DEPLOY_TOKEN"}); err != nil {
		s.Error(err)
	}
}
