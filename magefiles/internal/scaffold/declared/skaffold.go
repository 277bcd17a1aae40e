package declared

import (
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

var skaffoldNames = regexp.MustCompile(`^skaffold.*\.ya?ml$`)

// skaffoldBuilds are the artifacts that Skaffold builds from Dockerfiles (https://skaffold.dev/docs/references/yaml). Those of
// profiles count where the configuration itself has none.
func (r Repository) skaffoldBuilds() (all []Build) {
	for _, name := range r.files(skaffoldNames) {
		for _, root := range documents(r.read(name)) {
			artifacts := items(get(root, "build", "artifacts"))
			for _, profile := range items(get(root, "profiles")) {
				if more := items(get(profile, "build", "artifacts")); len(artifacts) == 0 {
					artifacts = more
				}
			}
			for _, artifact := range artifacts {
				if b, ok := skaffoldBuild(path.Dir(name), artifact); ok && len(all) < maxBuilds {
					b.Place, b.Development = Place{name, artifact.Line}, isDevelopment(name)
					all = append(all, b)
				}
			}
		}
	}
	return merge(all)
}

func skaffoldBuild(dir string, artifact *yaml.Node) (Build, bool) {
	for _, other := range []string{"jib", "buildpacks", "custom", "ko", "bazel"} {
		if get(artifact, other) != nil {
			return Build{}, false
		}
	}
	image := text(get(artifact, "image"))
	b := Build{Kind: Skaffold, Name: path.Base(imageref.Split(image).Name)}
	context := text(get(artifact, "context"))
	if context == "" {
		context = "."
	}
	builder := get(artifact, "docker")
	if builder == nil {
		builder = get(artifact, "kaniko")
	}
	b.Target = text(get(builder, "target"))
	if image == "" || !b.locate(dir, context, text(get(builder, "dockerfile"))) {
		return b, false
	}
	if strings.Contains(imageref.Split(image).Name, "/") { // otherwise the registry is a flag of Skaffold's
		b.addImage(image)
	}
	given := settings(get(builder, "buildArgs"))
	for name, value := range given {
		if value != nil && strings.Contains(*value, "{{") {
			given[name] = nil // a template of Skaffold's
		}
	}
	b.setArguments(given, nil)
	return b, true
}
