package device

import (
	"posagent/device/aim"
	"posagent/device/decode"
)

// Driver is one configured scanner as its transport sees it. The Manager calls
// it from one goroutine.
type Driver interface {
	// Kind names the transport: "serial", "hid", "replay".
	Kind() string

	// Find says where the scanner is now, without opening it. It is called
	// about once a second and must not block. Its errors are *Error; a scanner
	// that is not there is KindAbsent.
	Find() (Location, error)

	// Open takes the port at the location that Find gave, for this process
	// alone where the system allows it. Input from before the call is
	// discarded. Its errors are *Error.
	Open(Location) (Port, error)
}

// Location is where a scanner was found.
type Location struct {
	// Path is what the system calls the port now, e.g. /dev/ttyACM0 or COM3.
	Path string
	// Detail describes the device for people, e.g. "Honeywell 0c2e:0b6a".
	// It may be empty.
	Detail string
}

// Port is an open scanner. The goroutine that reads is the one that closes: a
// driver never sees Read and Close at the same time.
type Port interface {
	// Read waits for input, 200 ms at most, and returns what is there; a chunk
	// without data and without End when nothing came. An error is final: the
	// port is closed next. It is an *Error; an unplugged scanner is KindGone.
	// Data that came before the error may be returned with it.
	Read() (Chunk, error)

	// Close gives the port back. It is called exactly once.
	Close() error
}

// Framed is a Port that knows more about where labels end than the
// configuration: one whose transport marks their ends beside their bytes must
// not have them cut at a CR that is data, nor ended by silence.
type Framed interface {
	Port
	// Framing gives the framing for this connection.
	Framing(configured decode.Framing) decode.Framing
}

// Chunk is what one Read gave. Bytes of one label may come in any number of
// chunks, and one chunk may hold bytes of several labels.
type Chunk struct {
	// Data is valid until the next Read.
	Data []byte
	// End says that a label ends with Data, for transports that mark the end of
	// a label beside its bytes. Others leave it to the framing.
	End bool
	// AIM is the symbology of the label that ends here, for transports that
	// tell it beside its bytes. Zero otherwise.
	AIM aim.ID
	// Fault, if not nil, says that the label that is being collected, Data
	// included, is damaged: it is dropped whole and reported. The port keeps the
	// rest of that label to itself. End means nothing beside it.
	Fault *decode.FramingError
}

// Scanner is one configured scanner.
type Scanner struct {
	// Name is what people call it. It must be unique and not empty.
	Name string
	// Driver finds and opens it.
	Driver Driver
	// Framing is how it wraps its labels.
	Framing decode.Framing
}
