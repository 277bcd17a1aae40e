package deployment

import (
	"fmt"
	"path"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// noRepository: GitHub answers the same for a repository that does not exist and for one that the token may not see.
func noRepository(d plan.Deployment) error {
	return problem.New(problem.Failed, "check deploy.repository in astrago.yaml.\n"+needs(d),
		"reading %s: no such repository, or DEPLOY_TOKEN has no access to it", d.Repository)
}

func noBranch(d plan.Deployment) error {
	return problem.New(problem.Refused, "check deploy.branch in astrago.yaml; the branches that exist: gh api repos/"+d.Repository+"/branches --jq '.[].name'",
		"reading %s: it has no branch %q", d.Repository, d.Branch)
}

func noFile(s *Snapshot, file string) error {
	folder := strings.TrimSuffix(path.Dir(file), ".")
	return problem.New(problem.Refused,
		"check deploy.file in astrago.yaml; what is there: gh api 'repos/"+s.Repository+"/contents/"+folder+"?ref="+s.Branch+"' --jq '.[].path'",
		"%w", &missingFile{s, file}).At(problem.Place{File: s.place(file)})
}

func notAFile(s *Snapshot, file, kind string) error {
	return problem.New(problem.Refused, "name the values file itself: deploy.file in astrago.yaml",
		"this is %s, not a file, at commit %.8s", kind, s.Head).At(problem.Place{File: s.place(file)})
}

// kindName is a word for what is in a file's place, from the type of its git object.
func kindName(object string) string {
	switch object {
	case "tree":
		return "a directory"
	case "commit":
		return "a submodule"
	}
	return "a " + object
}

func notTheBlob(s *Snapshot, file string, size int, blob string) error {
	return fmt.Errorf("reading %s: got %d bytes that are not blob %s", s.place(file), size, blob)
}

func readOnly(s *Snapshot) error {
	return problem.New(problem.Failed, needs(plan.Deployment{Repository: s.Repository}),
		"checking access to %s: the owner of DEPLOY_TOKEN may only read it (role %s)", s.Repository, strings.ToLower(s.Permission))
}
