package plan

import (
	"regexp"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// probeTag stands for the tag of a component in the expressions of a probe; no build has it.
func probeTag(component string) string { return "astrago-probe-tag-" + component }

// Probe gives, for each deployment of an environment, expressions that set a tag and a digest which no image has: what they
// would replace tells which are set now (Probed).
func Probe(cfg *config.Config, environment *config.Environment, only []string) ([]Deployment, error) {
	components, err := cfg.Select(only)
	if err != nil {
		return nil, err
	}
	images := make([]Image, len(components))
	for i, component := range components {
		images[i] = probeImage(component)
	}
	return deployments(cfg, environment, images, probeNamer(cfg, environment).expressions)
}

func probeImage(component config.Component) Image {
	return Image{Component: component.Name, Repository: component.Image, Tag: probeTag(component.Name)}
}

func probeNamer(cfg *config.Config, environment *config.Environment) namer {
	return namer{cfg: cfg, environment: environment.Name, commit: source.Commit{
		SHA: strings.Repeat("0", 40), Branch: "astrago-probe-branch", Version: "astrago-probe-version",
	}}
}

// ProbesTag reports whether the expression of a probe writes the component's tag into a value.
func ProbesTag(component, probed string) bool { return strings.Contains(probed, probeTag(component)) }

// Named is what a value says of a component's image; each part may be "".
type Named struct{ Tag, Digest string }

// Probed reads the tag and the digest of a component from a value that a probe would replace. set is false where the
// expression writes neither; both are "" where the value is not what the expression makes of any image. A digest behind a
// tag may be missing: that is how the value was before the expression asked for one.
func Probed(component, old, probed string) (named Named, set bool) {
	tag, digest := probeTag(component), pendingDigest(component)
	hash := strings.TrimPrefix(digest, sha256Prefix)
	if !strings.Contains(probed, tag) && !strings.Contains(probed, hash) {
		return Named{}, false
	}
	const tagPattern, digestPattern, hashPattern = `([A-Za-z0-9_][A-Za-z0-9._-]{0,127})`, `([a-z0-9]+:[0-9a-f]{32,128})`, `([0-9a-f]{64})`
	pattern := strings.NewReplacer(
		regexp.QuoteMeta("@"+digest), `(?:@`+digestPattern+`)?`,
		regexp.QuoteMeta(digest), digestPattern,
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
			named.Digest = part
		case len(part) == len(hash) && !strings.Contains(probed, tag):
			named.Digest = sha256Prefix + part
		case named.Tag == "":
			named.Tag = part
		case named.Tag != part: // one text with two tags names no image
			return Named{}, true
		}
	}
	return named, true
}
