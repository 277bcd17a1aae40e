package plan

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// Build is an image that exists already: what a promotion and a rollback deploy.
type Build struct {
	Component component.Name
	Tag       string      // "" is the one that the configuration makes for SHA
	SHA       commitid.ID // commit of the application repository, as much as is known of it; the templates may not need it
}

// Existing computes the plan that deploys builds to an environment. The commit that is checked out is only asked for its
// repository: nothing is built, and each component may come from another commit.
func Existing(cfg *config.Config, commit git.Commit, environment *config.Environment, builds []Build) (*Plan, error) {
	plan := &Plan{
		Service: cfg.Service, Formerly: cfg.Formerly, Environment: environment.Name, Commit: commit, Created: commit.Time,
		ArgoCD: environment.ArgoCD, Mirrors: environment.Mirrors, Notify: environment.Notify,
	}
	namers := map[component.Name]namer{}
	for _, component := range cfg.Components {
		i := slices.IndexFunc(builds, func(b Build) bool { return b.Component == component.Name })
		if i < 0 {
			continue
		}
		n := existingImages(cfg, commit, environment.Name, builds[i].SHA)
		tag := builds[i].Tag
		if tag == "" {
			var err error
			if tag, err = n.imageTag(component); err != nil {
				return nil, err
			}
		}
		namers[component.Name] = n
		repository := cfg.Repository(environment.Name, component)
		plan.Images = append(plan.Images, Image{Component: component.Name, Repository: repository, Tag: tag})
	}
	var err error
	plan.Deployments, err = groupEdits(cfg, environment, plan.Images, func(target config.Deploy, image Image) ([]string, error) {
		return namers[image.Component].setExpressions(target, image)
	})
	addOthers(plan.Deployments, cfg, environment, plan.Images)
	return plan, err
}

// existingImages names what was built from a commit of which only the id is known, and that perhaps not.
func existingImages(cfg *config.Config, commit git.Commit, environment string, sha commitid.ID) namer {
	known := git.Commit{SHA: sha, Repository: commit.Repository, URL: commit.URL}
	return namer{cfg: cfg, commit: known, environment: environment, existing: true}
}

// TagOf returns the tag that the configuration makes for a component in an environment from a commit.
func TagOf(cfg *config.Config, environment string, name component.Name, sha commitid.ID) (string, error) {
	selected, err := cfg.Select([]component.Name{name})
	if err != nil {
		return "", err
	}
	return existingImages(cfg, git.Commit{}, environment, sha).imageTag(selected[0])
}
