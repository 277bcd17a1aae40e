package declared

import (
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

var composeNames = regexp.MustCompile(`^(?:docker-|podman-)?compose(?:[.-].+)?\.ya?ml$`)

// composeBuilds are the services with a `build:` of Compose files (https://docs.docker.com/reference/compose-file/build).
func (r Repository) composeBuilds() (all []Build) {
	for _, name := range r.files(composeNames) {
		values := r.environment(path.Dir(name))
		if strings.HasPrefix(name, ".github/") {
			continue // a workflow about Compose
		}
		var builds []Build
		for _, root := range documents(r.read(name)) {
			for _, service := range pairs(get(root, "services")) {
				if b, ok := composeBuild(path.Dir(name), service.value, values); ok && len(builds) < maxBuilds {
					b.Place, b.Name, b.Development = Place{name, service.key.Line}, service.key.Value, isDevelopment(name)
					builds = append(builds, b)
				}
			}
		}
		all = append(all, merge(builds)...)
	}
	return all
}

func composeBuild(dir string, service *yaml.Node, values map[string]string) (Build, bool) {
	build := get(service, "build")
	b := Build{Kind: Compose}
	context, dockerfile := ".", ""
	switch {
	case build == nil || get(build, "dockerfile_inline") != nil:
		return b, false
	case build.Kind == yaml.ScalarNode:
		context = expand(text(build), values)
	case build.Kind != yaml.MappingNode:
		return b, false
	default:
		if node := get(build, "context"); node != nil {
			context = expand(text(node), values)
		}
		dockerfile = expand(text(get(build, "dockerfile")), values)
		b.Target = expand(text(get(build, "target")), values)
	}
	if !b.locate(dir, context, dockerfile) || strings.Contains(b.Target, unresolved) {
		return b, false
	}
	b.setArguments(settings(get(build, "args")), values)
	b.setContexts(dir, settings(get(build, "additional_contexts")), values)
	if image := text(get(service, "image")); image != "" {
		b.addImage(expand(image, values))
	}
	return b, true
}

// locate sets context and Dockerfile, both as Compose means them: the second one relative to the first.
func (b *Build) locate(dir, context, dockerfile string) (ok bool) {
	if b.Context, ok = within(dir, context); !ok {
		return false
	}
	if dockerfile == "" {
		dockerfile = "Dockerfile"
	}
	b.Dockerfile, ok = within(b.Context, dockerfile)
	return ok
}

// setArguments evaluates build arguments. Those without a value come from the environment of the build.
func (b *Build) setArguments(given map[string]*string, values map[string]string) {
	for name, value := range given {
		if b.Args == nil {
			b.Args = map[string]Argument{}
		}
		if value == nil {
			own, known := values[name]
			b.Args[name] = Argument{Value: own, Known: known}
			continue
		}
		expanded := expand(*value, values)
		known := !strings.Contains(expanded, unresolved)
		if !known {
			expanded = ""
		}
		b.Args[name] = Argument{Value: expanded, Known: known}
	}
}

// otherBuild matches a named context that is the result of another target of Bake or another service of Compose.
var otherBuild = regexp.MustCompile(`^(target|service):([A-Za-z0-9._-]+)$`)

// setContexts evaluates named contexts. Directories are of the repository; others stay as they are.
func (b *Build) setContexts(dir string, given map[string]*string, values map[string]string) {
	for name, value := range given {
		if value == nil {
			continue
		}
		expanded := expand(*value, values)
		if match := otherBuild.FindStringSubmatch(expanded); match != nil {
			expanded = "<the image that " + match[1] + " " + match[2] + " makes>"
		} else if !strings.HasPrefix(expanded, "docker-image://") {
			var ok bool
			if expanded, ok = within(dir, expanded); !ok {
				continue
			}
		}
		if b.Contexts == nil {
			b.Contexts = map[string]string{}
		}
		if !strings.Contains(expanded, unresolved) {
			b.Contexts[name] = expanded
		}
	}
}
