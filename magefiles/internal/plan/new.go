package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// Options narrow or choose what a plan is made for.
type Options struct {
	Environment string           // by name; empty: the one that the commit's branch deploys to
	Only        []component.Name // empty: all
	Created     time.Time        // stamped into the images; zero: the commit's time, so that a commit has one digest
	Platform    string           // os/arch[/variant] of images for which the configuration names none; empty leaves it to the daemon
}

// New computes the plan. Its errors are problems of the configuration (exit code 2), each with its place in astrago.yaml.
func New(cfg *config.Config, commit git.Commit, options Options) (*Plan, error) {
	components, err := cfg.Select(options.Only)
	if err != nil {
		return nil, err
	}
	environment, err := cfg.EnvironmentOf(options.Environment, config.Ref{Branch: commit.Branch, Tag: commit.Tag})
	if err != nil {
		return nil, err
	}
	plan := &Plan{
		Service:     cfg.Service,
		Formerly:    cfg.Formerly,
		Environment: environment.Name,
		Commit:      commit,
		Created:     commit.Time,
		Prepare:     cfg.Prepare,
		Output:      cfg.Output,
		Load:        cfg.Load,
		ArgoCD:      environment.ArgoCD,
		Mirrors:     environment.Mirrors,
		Notify:      environment.Notify,
	}
	if !options.Created.IsZero() {
		plan.Created = options.Created.UTC()
	}
	namer := namer{cfg: cfg, commit: commit, created: plan.Created, platform: options.Platform, environment: environment.Name}
	for _, component := range components {
		image, err := namer.makeImage(component)
		if err != nil {
			return nil, err
		}
		plan.Images = append(plan.Images, image)
	}
	plan.Deployments, err = groupEdits(cfg, environment, plan.Images, namer.setExpressions)
	if err != nil {
		return nil, err
	}
	addOthers(plan.Deployments, cfg, environment, plan.Images)
	return plan, namer.commitSubjects(plan.Deployments)
}

func (n namer) makeImage(component config.Component) (Image, error) {
	tag, err := n.imageTag(component)
	if err != nil {
		return Image{}, err
	}
	image := Image{
		Component:     component.Name,
		Repository:    n.cfg.Repository(n.environment, component),
		Tag:           tag,
		Context:       component.Context,
		OnBuildMounts: component.OnBuildMounts,
		Reproducible:  component.Reproducible,
		Dockerfile:    component.Dockerfile,
		Target:        component.Target,
		Platforms:     component.Platforms,
		Args:          component.Args,
		Labels:        n.imageLabels(component, tag),
		OwnLabels:     component.Labels,
		Secrets:       component.Secrets,
		SSH:           component.SSH,
		Contexts:      component.Contexts,
		Cache:         component.Cache,
		Provenance:    component.Provenance,
		SBOM:          component.SBOM,
	}
	if len(image.Platforms) == 0 && n.platform != "" {
		image.Platforms, image.Assumed = []string{n.platform}, true
	}
	for _, name := range component.Needs {
		if need, ok := n.cfg.Component(name); ok {
			needed, err := n.makeImage(need)
			if err != nil {
				return Image{}, err
			}
			image.Needs = append(image.Needs, needed)
		}
	}
	return image, nil
}

// imageLabels are the pre-defined annotation keys of the OCI image specification. The configuration's own win, except for the
// revision: by it a later run knows which commit an image was built from.
func (n namer) imageLabels(component config.Component, tag string) map[string]string {
	labels := map[string]string{
		"org.opencontainers.image.created": n.created.Format(time.RFC3339),
		"org.opencontainers.image.title":   n.cfg.Service + " " + string(component.Name),
		"org.opencontainers.image.version": cmp.Or(n.commit.Version, tag),
	}
	if n.commit.URL != "" {
		labels["org.opencontainers.image.source"] = n.commit.URL
	}
	maps.Copy(labels, component.Labels)
	labels[RevisionLabel] = string(n.commit.SHA)
	if n.commit.IsDirty() {
		labels[RevisionLabel] += dirtySuffix
	}
	return labels
}

// groupEdits groups the edits by repository and branch, then by file, so that each branch gets one commit.
func groupEdits(
	cfg *config.Config, environment *config.Environment, images []Image, express func(config.Deploy, Image) ([]string, error),
) ([]Deployment, error) {
	var deployments []Deployment
	for _, target := range environment.Deploy {
		edits := make([]Edit, 0, len(images))
		for _, image := range images {
			if !target.Sets(image.Component) {
				continue
			}
			expressions, err := express(target, image)
			if err != nil {
				return nil, err
			}
			edits = append(edits, Edit{Component: image.Component, Image: image.Ref(), Expressions: expressions})
		}
		deployments = addEdits(deployments, target, edits)
	}
	for i := range deployments {
		holds := holdsOf(cfg, environment)
		deployments[i].Hold, deployments[i].FormerHolds = holds[0], append([]string(nil), holds[1:]...)
	}
	addNeighbours(deployments, cfg, environment)
	return deployments, nil
}

func addEdits(deployments []Deployment, target config.Deploy, edits []Edit) []Deployment {
	at := slices.IndexFunc(deployments, func(d Deployment) bool { return d.takes(target) })
	if at < 0 {
		at = len(deployments)
		deployments = append(deployments, newDeployment(target))
	}
	deployment := &deployments[at]
	deployment.Checks = append(deployment.Checks, target.Checks...)
	i := slices.IndexFunc(deployment.Files, func(f File) bool { return f.Path == target.File })
	if i < 0 {
		i = len(deployment.Files)
		deployment.Files = append(deployment.Files, File{Path: target.File, Create: target.Create, Shared: target.Shared})
	}
	deployment.Files[i].Edits = append(deployment.Files[i].Edits, edits...)
	return deployments
}

// takes reports whether what an entry of the configuration sets goes to the deployment's branch. GitHub knows a repository in any case.
func (d Deployment) takes(target config.Deploy) bool {
	return strings.EqualFold(d.Repository, target.Repository) && d.Branch == target.Branch
}

// newDeployment takes over how the branch is written, which the configuration has checked to be the same in all entries.
func newDeployment(target config.Deploy) Deployment {
	d := Deployment{
		Repository: target.Repository, Branch: target.Branch, API: target.API, Diverged: target.Diverged,
		Unchanged: target.Unchanged, Message: target.Message,
	}
	if target.Mode == config.ModePullRequest {
		d.PullRequest = &target.PullRequest
	}
	return d
}
