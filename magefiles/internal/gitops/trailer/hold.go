package trailer

import "github.com/xiilab/astrago-ci/magefiles/internal/component"

// NewHold returns the trailer of a component that is held from here on, until what.
func NewHold(name component.Name, until string) Trailer {
	return Trailer{Key: Hold, Value: string(name) + " until " + until}
}

// NewLifted returns the trailer of a component that is held no more.
func NewLifted(name component.Name) Trailer { return Trailer{Key: Lifted, Value: string(name)} }

// Held returns the components that are held from here on.
func (t List) Held() []component.Name { return t.firstWords(Hold) }

// Lifted returns the components that are held no more.
func (t List) Lifted() []component.Name { return component.Names(t.All(Lifted)) }
