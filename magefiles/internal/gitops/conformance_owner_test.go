package gitops_test

import (
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// by is a bump of another service or repository.
func by(b bump.Bump, service, repository string) bump.Bump {
	b.Service, b.Source.Repository = service, repository
	return b
}

// owners are the scenarios of a value's ownership: which services may set a value that a bump has set.
var owners = []scenario{
	{name: "a value belongs to the application that set it last", run: func(s *scene) {
		first := s.bump(s.release(firstSHA, "core", "batch"))
		for _, other := range []bump.Bump{
			by(s.release(secondSHA, "core"), "frontend", "acme/frontend"),
			by(s.release(secondSHA, "core"), "backend", "acme/backend-copy"),
			by(s.release(secondSHA, "core"), "worker", "acme/backend"),
		} {
			s.refused(other, "shop.core.imageTag of "+shopFile+" belongs to backend (acme/backend)", "just now", string(first.Commit[:8]), "-force", "formerly")
		}
		s.bump(by(s.release(secondSHA, "frontend"), "frontend", "acme/frontend")) // nobody's until now
		s.bump(s.release(thirdSHA, "core", "batch"))
	}},
	{name: "force takes a value over, and says so", run: func(s *scene) {
		first := s.bump(s.release(firstSHA, "core", "batch"))
		taken := by(s.release(secondSHA, "core"), "frontend", "acme/frontend")
		taken.Force = true
		result := s.bump(taken)
		message := s.message(result.Commit)
		if want := "Astrago-Forced: owner acme/backend@" + string(first.Commit) + " backend\n"; !strings.Contains(message, want) || !strings.Contains(message, "(forced)") {
			s.Errorf("%q is not in:\n%s", want, message)
		}
		s.bump(by(s.release(thirdSHA, "core"), "frontend", "acme/frontend"))
		s.refused(s.release(fourthSHA, "core"), "belongs to frontend (acme/frontend)")
		s.bump(s.release(thirdSHA, "batch")) // the other value is still ours
	}},
	{name: "a name of before is our own", run: func(s *scene) {
		s.bump(by(s.release(firstSHA, "core"), "server", "acme/old"))
		renamed := s.release(secondSHA, "core")
		s.refused(renamed, "belongs to server (acme/old)")
		renamed.Formerly = []string{"acme/old"}
		s.refused(renamed, "belongs to server (acme/old)")
		renamed.Formerly = []string{"acme/Old", "server"}
		s.bump(renamed)
		s.bump(s.release(thirdSHA, "core"))
	}},
	{name: "an edit by hand does not change hands", run: func(s *scene) {
		s.bump(s.release(firstSHA, "core"))
		s.push(map[string]string{shopFile: strings.Replace(s.content(shopFile), "core-stage-11111111", "core-by-hand", 1)})
		s.refused(by(s.release(secondSHA, "core"), "frontend", "acme/frontend"), "belongs to backend")
		s.bump(s.release(secondSHA, "core"))
	}},
	{name: "a list that was reordered", files: map[string]string{shopFile: "images:\n- {name: a, tag: a-0}\n- {name: b, tag: b-0}\n"}, run: func(s *scene) {
		of := func(service string, index int, sha string) bump.Bump {
			b := by(s.release(sha), service, "acme/"+service)
			ref := "ghcr.io/acme/" + service + ":" + service + "-" + sha[:8]
			set(&b, 0, "core", ref, fmt.Sprintf(`.images[%d].tag = "%s-%s"`, index, service, sha[:8]))
			b.Images = []bump.Image{{Component: "core", Ref: refs.Image(ref), Digest: refs.Digest("cd")}}
			return b
		}
		s.bump(of("a", 0, firstSHA))
		s.bump(of("b", 1, firstSHA))
		s.push(map[string]string{shopFile: "images:\n- {name: b, tag: b-11111111}\n- {name: a, tag: a-11111111}\n"})
		s.bump(of("a", 1, secondSHA))
		s.refused(of("a", 0, secondSHA), "belongs to b (acme/b)")
	}},
	{name: "bumps of before the trailer own what their table says", run: func(s *scene) {
		message := "deploy(stage): backend 9f8e7d6c\n\ncore  x -> core-stage-9f8e7d6c\n\nAstrago-Source: acme/backend@" + oldSHA +
			"\nAstrago-Environment: stage\nAstrago-Image: core ghcr.io/acme/backend@sha256:" + strings.Repeat("ab", 32) + "\nAstrago-Bump-Id: 1\n"
		s.pushAs(message, map[string]string{shopFile: shopValues + "# touched\n"})
		s.refused(by(s.release(secondSHA, "core"), "frontend", "acme/frontend"), "belongs to backend (acme/backend)")
		s.bump(by(s.release(secondSHA, "batch"), "frontend", "acme/frontend"))
		s.bump(s.release(secondSHA, "core"))
	}},
	{name: "a rollback is held to the same", run: func(s *scene) {
		s.bump(s.guarded(secondSHA, "core"))
		s.refused(by(s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core"), "frontend", "acme/frontend"), "belongs to backend")
	}},
	{name: "a value of several components is a change of each", files: map[string]string{shopFile: "global: {tag: stage-11111111}\n"}, run: sharedValue},
	{name: "digests are filled in just before the commit", files: map[string]string{
		shopFile: "core: {ref: \"r:x\", digest: \"\", hash: x, tag: x}\n",
	}, run: filledDigests},
}

func sharedValue(s *scene) {
	of := func(sha string, components ...string) bump.Bump {
		b := s.guarded(sha)
		for _, c := range components {
			ref := "ghcr.io/acme/" + c + ":stage-" + sha[:8]
			set(&b, 0, c, ref, `.global.tag = "stage-`+sha[:8]+`"`)
			b.Images = append(b.Images, bump.Image{Component: component.Name(c), Ref: refs.Image(ref), Digest: refs.Digest("ab")})
		}
		return b
	}
	result := s.bump(of(secondSHA, "core", "batch"))
	if len(result.Changes) != 2 || result.Changes[1].Component != "batch" || result.Changes[1].Old.String() != "stage-11111111" {
		s.Errorf("changes %+v", result.Changes)
	}
	message := s.message(result.Commit)
	for _, line := range []string{"core   stage-11111111 -> stage-22222222\n", "batch  stage-11111111 -> stage-22222222\n", "Astrago-Image: batch ", "Astrago-Value: batch "} {
		if !strings.Contains(message, line) {
			s.Errorf("%q is not in:\n%s", line, message)
		}
	}
	held := of(thirdSHA, "core", "batch")
	s.bump(s.freeze("not now", "batch"))
	s.refused(held, "batch is held")

	alone := of(thirdSHA, "core")
	alone.Deployment.Files[0].Others = of(thirdSHA, "batch").Deployment.Files[0].Edits
	s.refused(alone, "it is the value of batch as well", "-only=core,batch")
}

func filledDigests(s *scene) {
	known := refs.Digest("ab")
	p := plan.Edit{Component: "core", Image: refs.Image("ghcr.io/acme/backend:core-stage-" + firstSHA[:8])}
	pending := p.Names()[1]
	b := s.release(firstSHA)
	set(&b, 0, "core", p.Image.String(), `.core.ref = "`+p.Image.String()+`@`+pending+`"`, `.core.digest = "`+pending+`" | .core.hash = "`+pending[7:]+`"`, `.core.tag = "core-stage-11111111"`)
	_, err := s.client.Bump(s.Context(), b)
	wantProblem(s.T, err, problem.Refused, "no digest of the image is known")
	b.Images = []bump.Image{{Component: "core", Ref: p.Image, Digest: known}}
	s.bump(b)
	s.wantContent(shopFile, `core: {ref: "`+p.Image.String()+"@"+known.String()+`", digest: "`+known.String()+`", hash: `+known.Encoded()+`, tag: core-stage-11111111}`+"\n")
	again := s.bump(b)
	if !again.UpToDate {
		s.Errorf("the second bump: %+v", again)
	}
	b.Images[0].Digest = digest.SHA512.FromString("ab")
	_, err = s.client.Bump(s.Context(), b)
	wantProblem(s.T, err, problem.Refused, "cannot be filled into `set`")
}
