package report

import (
	"io"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// planSchema names the JSON form of a plan.
const planSchema = "astrago-ci/plan/v1"

type planDocument struct {
	Schema      string           `json:"schema"`
	Service     string           `json:"service"`
	Environment string           `json:"environment,omitempty"`
	Commit      Commit           `json:"commit"`
	Prepare     []string         `json:"prepare"`
	Images      []planImage      `json:"images"`
	Deployment  []planDeployment `json:"deployment"`
	ArgoCD      *planArgoCD      `json:"argocd,omitempty"`
	AlsoArgoCD  []planArgoCD     `json:"alsoArgocd,omitempty"` // the environment's other applications
}

type planImage struct {
	Component  component.Name    `json:"component"`
	Ref        string            `json:"ref"`
	Repository string            `json:"repository"`
	Tag        string            `json:"tag"`
	Context    string            `json:"context"`
	Dockerfile string            `json:"dockerfile"`
	Target     string            `json:"target,omitempty"`
	Platforms  []string          `json:"platforms"`
	Args       map[string]string `json:"args"`
	Labels     map[string]string `json:"labels"`
	Secrets    []planSecret      `json:"secrets"`
	Needs      []component.Name  `json:"needs"`            // components whose images are named contexts
	Action     string            `json:"action,omitempty"` // build, retag, done, refuse, or unknown
	Why        string            `json:"why,omitempty"`
	Since      commitid.ID       `json:"since,omitempty"`   // commit of the image that was published last
	Changes    []string          `json:"changes,omitempty"` // what has changed since, with -explain
}

// planSecret says where a build secret comes from, never what it is.
type planSecret struct {
	ID   string `json:"id"`
	Env  string `json:"env,omitempty"`
	File string `json:"file,omitempty"`
}

type planDeployment struct {
	Repository string     `json:"repository"`
	Branch     string     `json:"branch"`
	API        string     `json:"api"`
	Mode       string     `json:"mode"`
	Diverged   string     `json:"diverged"`
	Unchanged  string     `json:"unchanged"`         // set or keep: the values of components whose image is the deployed one
	Subject    string     `json:"subject,omitempty"` // of the commit
	Files      []planFile `json:"files"`
}

type planFile struct {
	Path   string     `json:"path"`
	Create bool       `json:"create,omitempty"` // the edits may add a key
	Edits  []planEdit `json:"edits"`
}

type planEdit struct {
	Component   component.Name `json:"component"`
	Image       string         `json:"image"`
	Expressions []string       `json:"expressions"`
}

type planArgoCD struct {
	Application string `json:"application"`
	Project     string `json:"project,omitempty"`
	Auth        string `json:"auth,omitempty"` // oidc; a token where it is left out
}

// PlanJSON writes the plan as one indented JSON document. Its commands, images and edits are in the order in which they
// would be carried out; actions are in the order of the images, or nil.
func PlanJSON(w io.Writer, p plan.Plan, actions []plan.Action) error {
	document := planDocument{
		Schema:      planSchema,
		Service:     p.Service,
		Environment: p.Environment,
		Commit:      NewCommit(p.Commit),
		Prepare:     listOrEmpty(p.Prepare.Run),
		Images:      mapSlice(p.Images, newPlanImage),
		Deployment:  mapSlice(p.Deployments, newPlanDeployment),
	}
	for i, a := range p.ArgoCD {
		if application := (planArgoCD{Application: a.Application, Project: a.Project, Auth: authOf(a)}); i == 0 {
			document.ArgoCD = &application
		} else {
			document.AlsoArgoCD = append(document.AlsoArgoCD, application)
		}
	}
	for i := range document.Images[:min(len(actions), len(document.Images))] {
		document.Images[i].Action, document.Images[i].Why = string(actions[i].Do), actions[i].Why
		document.Images[i].Since, document.Images[i].Changes = actions[i].Since, actions[i].Changes
	}
	return WriteDocument(w, document)
}

func newPlanImage(i plan.Image) planImage {
	secrets := make([]planSecret, len(i.Secrets))
	for n, s := range i.Secrets {
		secrets[n] = planSecret(s)
	}
	return planImage{
		Component: i.Component, Ref: i.Ref().String(), Repository: i.Repository.String(), Tag: i.Tag,
		Context: i.Context, Dockerfile: i.Dockerfile, Target: i.Target,
		Platforms: listOrEmpty(i.Platforms), Args: mapOrEmpty(i.Args), Labels: mapOrEmpty(i.Labels),
		Secrets: secrets,
		Needs:   mapSlice(i.Needs, func(need plan.Image) component.Name { return need.Component }),
	}
}

func newPlanDeployment(d plan.Deployment) planDeployment {
	document := planDeployment{
		Repository: d.Repository, Branch: d.Branch, API: string(d.API), Mode: "commit",
		Diverged: string(d.Diverged), Unchanged: string(d.Unchanged),
		Subject: d.Subject, Files: mapSlice(d.Files, newPlanFile),
	}
	if d.PullRequest != nil {
		document.Mode = "pull-request"
	}
	return document
}

func newPlanFile(f plan.File) planFile {
	return planFile{Path: f.Path, Create: f.Create, Edits: mapSlice(f.Edits, func(e plan.Edit) planEdit {
		return planEdit{Component: e.Component, Image: e.Image.String(), Expressions: listOrEmpty(e.Expressions)}
	})}
}

func mapSlice[A, B any](items []A, to func(A) B) []B {
	converted := make([]B, len(items))
	for i, item := range items {
		converted[i] = to(item)
	}
	return converted
}

func mapOrEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// authOf names the way to sign in where it is not by a token.
func authOf(a config.ArgoCD) string {
	if a.Auth == config.ArgoCDOIDC {
		return string(a.Auth)
	}
	return ""
}
