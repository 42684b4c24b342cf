// Package sound makes the window's sounds and plays them with what the system has:
// no sound file, no audio library and no C. A till without a loudspeaker is silent;
// every sound has its twin on the screen.
package sound
