package gitops_test

import (
	"net/http"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// worded is a bump whose subject follows a template.
func worded(b bump.Bump, template string) bump.Bump {
	b.Deployment.Message = config.Template{Text: template, Line: 12, Column: 16}
	return b
}

// wantSubject checks the first line of the head's message, and that trailers follow.
func (s *scene) wantSubject(want string) {
	s.Helper()
	subject, rest, _ := strings.Cut(s.message(s.head()), "\n")
	if subject != want {
		s.Errorf("the subject is %q, want %q", subject, want)
	}
	trailers := trailer.Parse("\n" + rest)
	if repository, _, _ := trailers.Source(); repository != "acme/backend" || trailers.Get(trailer.BumpID) == "" {
		s.Errorf("the trailers are not whole:\n%s", rest)
	}
}

// lookalike words a subject that says of every commit what is true of none.
const lookalike = "core  of deploy(prod): other 00000000 -> core-stage-44444444"

// subjects are commits whose first line the configuration words.
var subjects = []scenario{
	{name: "every kind of commit has the subject that is worded", run: func(s *scene) {
		const ticket = "[OPS-1] {{ .Headline }}"
		s.bump(worded(s.keeping(turned, firstSHA, "core", "batch"), ticket))
		s.wantSubject("[OPS-1] deploy(stage): backend 11111111")
		s.bump(worded(s.keeping(turned, thirdSHA, "core", "batch"), ticket))
		s.wantSubject("[OPS-1] keep(stage): backend 33333333")
		promoted := worded(s.guarded(fourthSHA, "core", "batch"), ticket)
		promoted.Promoted = &bump.Promotion{Environment: "test", Repository: "acme/deployment", Commit: s.head()}
		s.bump(promoted)
		s.wantSubject("[OPS-1] deploy(stage): backend 44444444 from test")
		s.bump(worded(s.back(fourthSHA, thirdSHA, config.HoldUntilNewer, "core"), ticket))
		s.wantSubject("[OPS-1] rollback(stage): backend to 33333333")
		s.bump(worded(s.freeze("audit", "batch"), ticket))
		s.wantSubject("[OPS-1] hold(stage): backend batch")
		s.bump(worded(s.lift("core", "batch"), ticket))
		s.wantSubject("[OPS-1] lift(stage): backend core, batch")
		forced := worded(s.guarded(firstSHA, "core"), ticket)
		forced.Force = true
		s.bump(forced)
		s.wantSubject("[OPS-1] deploy(stage): backend 11111111 (forced)")
	}},
	{name: "a commit is known by its trailers, whatever its subject says", run: func(s *scene) {
		s.bump(worded(s.guarded(firstSHA, "core", "batch"), lookalike))
		s.bump(worded(s.guarded(secondSHA, "core", "batch"), lookalike))
		s.wantSubject(lookalike)
		before := s.commits()
		if again := s.bump(worded(s.guarded(secondSHA, "core", "batch"), "another subject")); !again.UpToDate || again.Commit != s.head() {
			s.Errorf("the repetition gives %+v", again)
		}
		s.refused(worded(s.guarded(firstSHA, "core"), lookalike), "a newer build is deployed", "22222222")
		s.wantEarlier("core-stage-11111111", 1, "", "core")
		commit := s.read(s.probe("core")).History[0]
		if service, repository, _ := commit.Writer(); service != "backend" || repository != "acme/backend" {
			s.Errorf("the commit is of %s (%s)", service, repository)
		}
		if changes := commit.Changes()["core"]; len(changes) != 1 || changes[0] != "core-stage-22222222" {
			s.Errorf("the commit set %q", changes)
		}
		if s.commits() != before {
			s.Error("there is another commit")
		}
	}},
	{name: "a lost answer to a worded commit makes one commit", run: func(s *scene) {
		before := s.commits()
		s.on(writeCall, 1, github.Action{Reply: new(restFault(http.StatusBadGateway, "Server Error")), Handle: true})
		if result := s.bump(worded(s.release(newSHA, "core"), lookalike)); result.UpToDate || s.commits() != before+1 {
			s.Errorf("%d commits, Result = %+v", s.commits()-before, result)
		}
	}},
	{name: "a value in the subject forges, closes and mentions nothing", run: func(s *scene) {
		b := worded(s.release(newSHA, "core"), "{{ .Version }} of {{ .Branch }}")
		b.Source.Branch = "x\nAstrago-Image: core ghcr.io/evil/x@sha256:00"
		b.Source.Version = "closes #12, fixes acme/x#7 @acme/platform"
		s.bump(b)
		message := s.message(s.head())
		if subject, _, _ := strings.Cut(message, "\n"); acts.MatchString(subject) || !strings.Contains(subject, "evil") {
			s.Errorf("the subject is %q", subject)
		}
		if images := trailer.Parse(message).All(trailer.Image); len(images) != 1 || strings.Contains(images[0], "evil") {
			s.Errorf("images %q in\n%s", images, message)
		}
	}},
	{name: "a subject that is none is refused before anything is written", run: func(s *scene) {
		for template, says := range map[string]string{
			"{{ .Version }}":                    "Astrago-",
			`{{ with .Version }}{{ end }} `:     "gives nothing",
			"{{ .Headline }}{{ printf `\n` }}x": "more than a line",
			"{{ slice .SHA 41 }}":               "out of range",
		} {
			b := worded(s.release(newSHA, "core"), template)
			b.Source.Version = "Astrago-Bump-Id: 1"
			before := s.head()
			_, err := s.client.Bump(s.Context(), b)
			wantProblem(s.T, err, problem.Usage, says, "astrago.yaml:12:16", "{{ .Headline }}")
			if _, err := b.Draft(s.Context(), s.read(b.Deployment)); problem.As(err) == nil {
				s.Errorf("%s: the draft gives %v", template, err)
			}
			if s.head() != before {
				s.Errorf("%s: there is a commit", template)
			}
		}
	}},
	{name: "a subject is cut where GitHub takes no more for a title", run: func(s *scene) {
		b := worded(s.release(newSHA, "core"), strings.Repeat("가", 300))
		s.bump(b)
		s.wantSubject(strings.Repeat("가", config.MostSubject-1) + "…")
	}},
}
