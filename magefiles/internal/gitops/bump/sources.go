package bump

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
)

// Application is the application repository; one without a remote is named by its service.
func (b Bump) Application() string { return cmp.Or(b.Source.Repository, b.Service) }

// SHA is the commit that a component comes from.
func (b Bump) SHA(name component.Name) commitid.ID {
	for _, image := range b.Images {
		if image.Component == name && image.SHA != "" {
			return image.SHA
		}
	}
	return b.Source.SHA
}

// Commits are those that the images come from, without duplicates; the bump's own where there is no image.
func (b Bump) Commits() []commitid.ID {
	if len(b.Images) == 0 {
		return []commitid.ID{b.Source.SHA}
	}
	var all []commitid.ID
	for _, image := range b.Images {
		if sha := b.SHA(image.Component); !slices.Contains(all, sha) {
			all = append(all, sha)
		}
	}
	return all
}

// ShortSHA names the commits for people.
func (b Bump) ShortSHA() string {
	var short []string
	for _, sha := range b.Commits() {
		if sha == "" {
			sha = "unknown"
		}
		short = append(short, sha.Short())
	}
	return strings.Join(short, ", ")
}

// Sources are the trailers of where the images come from: one for all, or one for each commit with the components that it gave.
func (b Bump) Sources() trailer.List {
	commits := b.Commits()
	if len(commits) == 1 {
		return trailer.List{trailer.NewSource(b.Application(), commits[0])}
	}
	var all trailer.List
	for _, sha := range commits {
		var of []component.Name
		for _, image := range b.Images {
			if b.SHA(image.Component) == sha {
				of = append(of, image.Component)
			}
		}
		all = append(all, trailer.NewSource(b.Application(), sha, of...))
	}
	return all
}

// IsOurs reports whether the service and the repository that a commit names are those that bump, be it under names that they had
// before. The service may be "".
func (b Bump) IsOurs(service, repository string) bool {
	return trailer.IsSelf(b.Formerly, b.Application(), repository) && (service == "" || trailer.IsSelf(b.Formerly, b.Service, service))
}
