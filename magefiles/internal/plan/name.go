package plan

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// dirtySuffix marks the tag of an image that no commit describes.
const dirtySuffix = "-dirty"

// branchGrammar is narrower than git's: git allows quotes, which would end a string in a yq expression.
var branchGrammar = regexp.MustCompile(`^[\p{L}\p{N}._/+@#-]+$`)

// namer executes the configuration's templates for one commit and environment.
type namer struct {
	cfg         *config.Config
	commit      git.Commit
	created     time.Time
	platform    string // Options.Platform
	environment string
	existing    bool // the image exists, and of its commit no more than the id is known
}

// templateFields returns the data of a template. A field that has no value here is absent, so that using it is an error and not an empty
// string.
func (n namer) templateFields(name component.Name) map[string]string {
	fields := map[string]string{
		"Service":     n.cfg.Service,
		"Component":   string(name),
		"Environment": n.environment,
	}
	if n.commit.SHA.IsWhole() {
		fields["SHA"] = string(n.commit.SHA)
	}
	if len(n.commit.SHA) >= commitid.ShortLength {
		fields["ShortSHA"] = n.commit.SHA.Short()
	}
	if branchGrammar.MatchString(n.commit.Branch) {
		fields["Branch"] = n.commit.Branch
	}
	if imageref.IsTag(n.commit.Version) {
		fields["Version"] = n.commit.Version
	}
	return fields
}

func (n namer) imageTag(component config.Component) (string, error) {
	tag, err := n.execute(component.Tag, n.templateFields(component.Name))
	if err != nil {
		return "", err
	}
	if n.commit.IsDirty() {
		tag += dirtySuffix
	}
	if prefix := reservedPrefix.FindString(tag); prefix != "" {
		return "", problem.New(problem.Usage, fmt.Sprintf("use another prefix: tags starting with %q are reserved, and move", prefix),
			"naming the image of %q: %q begins with %q", component.Name, tag, prefix).At(n.templatePlace(component.Tag))
	}
	if imageref.IsTag(tag) {
		return tag, nil
	}
	return "", problem.New(problem.Usage,
		"a tag has up to 128 letters, digits, `.`, `_` and `-`, and starts with a letter, a digit or `_`",
		"naming the image of %q: %q is not a valid tag", component.Name, tag).At(n.templatePlace(component.Tag))
}

func (n namer) setExpressions(target config.Deploy, image Image) ([]string, error) {
	fields := n.templateFields(image.Component)
	fields["Tag"], fields["Digest"] = image.Tag, pendingDigest(image.Component).String()
	fields["Ref"] = image.Ref().String() + "@" + fields["Digest"]
	expressions := make([]string, 0, len(target.Set))
	for _, template := range target.Set {
		expression, err := n.execute(template, fields)
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(expression) == "" {
			remedy := "name the components that the file has beside `set`: components: [" + n.withAny(template, target) + "]"
			return nil, problem.New(problem.Usage, remedy, "executing the template %q: it gives nothing for the component %q",
				template.Text, image.Component).At(n.templatePlace(template))
		}
		expressions = append(expressions, expression)
	}
	return expressions, nil
}

// withAny lists the components for which a template gives an expression.
func (n namer) withAny(template config.Template, target config.Deploy) string {
	var names []component.Name
	for _, c := range n.cfg.Components {
		fields := n.templateFields(c.Name)
		fields["Tag"], fields["Digest"] = probeTag(c.Name), pendingDigest(c.Name).String()
		fields["Ref"] = n.cfg.Repository(n.environment, c).Tagged(probeTag(c.Name)).String() + "@" + fields["Digest"]
		if text, err := template.Execute(fields); target.Sets(c.Name) && (err != nil || strings.TrimSpace(text) != "") {
			names = append(names, c.Name)
		}
	}
	return component.Join(names, ", ")
}

func (n namer) execute(template config.Template, fields map[string]string) (string, error) {
	text, err := template.Execute(fields)
	if err == nil {
		return text, nil
	}
	return "", problem.New(problem.Usage, n.absentRemedy(err), "executing the template %q: %w",
		template.Text, err).At(n.templatePlace(template))
}

// absentRemedy explains the fields that a commit may not have.
func (n namer) absentRemedy(err error) string {
	switch {
	case n.existing && strings.Contains(err.Error(), `SHA"`):
		return "the commit that this image was built from is unknown: neither trailers nor the image's labels name it; release a newer " +
			"commit instead"
	case n.existing && strings.Contains(err.Error(), "no entry for key"):
		return "nothing records the branch and the version of an image that exists already: use .SHA or .ShortSHA instead"
	case strings.Contains(err.Error(), `"Version"`):
		return "write the version into the file VERSION, or tag the commit v<version>"
	case strings.Contains(err.Error(), `"Branch"`) && n.commit.Branch == "":
		return "check out a branch: a detached commit has none"
	case strings.Contains(err.Error(), `"Branch"`):
		return fmt.Sprintf("rename the branch %q: `.Branch` takes letters, digits and `. _ / + @ # -`", n.commit.Branch)
	}
	return ""
}

func (n namer) templatePlace(template config.Template) problem.Place {
	return n.cfg.Place(template.Line, template.Column)
}
