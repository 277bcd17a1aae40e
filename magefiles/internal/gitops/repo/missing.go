package repo

import (
	"fmt"
	"path"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func noFile(s *Snapshot, file string) error {
	folder := strings.TrimSuffix(path.Dir(file), ".")
	return problem.New(problem.Refused,
		"check deploy.file in astrago.yaml; what is there: gh api 'repos/"+s.Repository+"/contents/"+folder+"?ref="+s.Branch+"' --jq "+
			"'.[].path'",
		"%w", &missingFile{s, file}).At(problem.Place{File: s.Place(file)})
}

func notAFile(s *Snapshot, file, kind string) error {
	return problem.New(problem.Refused, "name the values file itself: deploy.file in astrago.yaml",
		"this is %s, not a file, at commit %s", kind, s.Head.Short()).At(problem.Place{File: s.Place(file)})
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
	return fmt.Errorf("reading %s: got %d bytes that are not blob %s", s.Place(file), size, blob)
}

func readOnly(s *Snapshot, by github.Identity) error {
	return problem.New(problem.Failed, diagnosis.Needs(plan.Deployment{Repository: s.Repository}, by),
		"checking access to %s: the owner of %s may only read it (role %s)", s.Repository, by.Name, strings.ToLower(s.Permission))
}
