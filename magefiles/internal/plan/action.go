package plan

// Do is what a release does about an image.
type Do string

// The things to do.
const (
	DoBuild   Do = "build"   // nothing that the registry has is built from the same inputs
	DoRetag   Do = "retag"   // the registry has the same under another tag
	DoDone    Do = "done"    // the registry has it under its tag
	DoRefuse  Do = "refuse"  // the registry has another image under its tag: a release stops there
	DoUnknown Do = "unknown" // the registry could not be asked
)

// Action is what is to be done about one component's image, and why, in a few words.
type Action struct {
	Component string
	Do        Do
	Why       string
	Since     string   // commit of the image that was published last, where Changes was asked for and it is known
	Changes   []string // what it is made of that has changed since, a few words each
}
