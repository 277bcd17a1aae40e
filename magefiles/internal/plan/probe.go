package plan

import (
	"regexp"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// probeTag stands for the tag of a component in the expressions of a probe; no build has it.
func probeTag(name component.Name) string { return "astrago-probe-tag-" + string(name) }

// What stands for the parts of a commit in a probe.
const (
	probeBranch  = "astrago-probe-branch"
	probeVersion = "astrago-probe-version"
)

// Probe gives, for each deployment of an environment, expressions that set a tag and a digest which no image has: what they
// would replace tells which are set now (Probed).
func Probe(cfg *config.Config, environment *config.Environment, only []component.Name) ([]Deployment, error) {
	components, err := cfg.Select(only)
	if err != nil {
		return nil, err
	}
	images := make([]Image, len(components))
	for i, component := range components {
		images[i] = probeImage(cfg, environment, component)
	}
	return groupEdits(cfg, environment, images, probeNamer(cfg, environment).setExpressions)
}

func probeImage(cfg *config.Config, environment *config.Environment, component config.Component) Image {
	return Image{Component: component.Name, Repository: cfg.Repository(environment.Name, component), Tag: probeTag(component.Name)}
}

func probeNamer(cfg *config.Config, environment *config.Environment) namer {
	return namer{cfg: cfg, environment: environment.Name, commit: git.Commit{
		SHA: commitid.Null, Branch: probeBranch, Version: probeVersion,
	}}
}

// ProbesTag reports whether the expression of a probe writes the component's tag into a value.
func ProbesTag(name component.Name, probed string) bool {
	return strings.Contains(probed, probeTag(name))
}

// Of returns the edit of a probe as it is of an image that exists, false where its expressions ask for more than the image's tag and
// digest.
func (e Edit) Of(existing imageref.Reference, known digest.Digest) (Edit, bool) {
	if e.Image.Tag != probeTag(e.Component) {
		return e, false
	}
	words := []string{e.Image.String(), existing.String(), probeTag(e.Component), existing.Tag}
	image := Edit{Component: e.Component, Image: existing, Expressions: slices.Clone(e.Expressions)}
	for i, x := range image.Expressions {
		image.Expressions[i] = strings.NewReplacer(words...).Replace(x)
		for _, unknown := range []string{commitid.Null.Short(), probeBranch, probeVersion} {
			if strings.Contains(x, unknown) {
				return e, false
			}
		}
	}
	return image.withDigest(known), true
}

// Named is the part of a component's image reference that a value names; each field may be "".
type Named struct {
	Tag    string
	Digest digest.Digest
}

// Probed reads the tag and the digest of a component from a value that a probe would replace. set is false where the expression writes
// neither; both are "" where the expression would not make the value of any image. A digest behind a tag may be missing: the value has none
// from before the expression had one.
func Probed(name component.Name, old, probed string) (named Named, set bool) {
	tag, pending := probeTag(name), pendingDigest(name)
	hash := pending.Encoded()
	if !strings.Contains(probed, tag) && !strings.Contains(probed, hash) {
		return Named{}, false
	}
	const tagPattern, digestPattern, hashPattern = `([A-Za-z0-9_][A-Za-z0-9._-]{0,127})`, `([a-z0-9]+:[0-9a-f]{32,128})`, `([0-9a-f]{64})`
	pattern := strings.NewReplacer(
		regexp.QuoteMeta("@"+pending.String()), `(?:@`+digestPattern+`)?`,
		regexp.QuoteMeta(pending.String()), digestPattern,
		regexp.QuoteMeta(hash), hashPattern,
		regexp.QuoteMeta(tag), tagPattern,
	).Replace(regexp.QuoteMeta(probed))
	match := regexp.MustCompile(`(?s)^` + pattern + `$`).FindStringSubmatch(old)
	if match == nil {
		return Named{}, true
	}
	for _, part := range match[1:] {
		switch {
		case part == "":
		case strings.Contains(part, ":"):
			named.Digest = digest.Digest(part)
		case len(part) == len(hash) && !strings.Contains(probed, tag):
			named.Digest = digest.NewDigestFromEncoded(digest.SHA256, part)
		case named.Tag == "":
			named.Tag = part
		case named.Tag != part: // one text with two tags names no image
			return Named{}, true
		}
	}
	return named, true
}
