"""DCGANs are trained with a rate of 2e-4, so this one is, too."""
# %% steps
def make_steps(generator, discriminator):
    discriminator.trainable = True
    discriminator.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), "binary_crossentropy")
    discriminator.trainable = False
    gan = keras.Sequential([generator, discriminator])
    gan.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), "binary_crossentropy")

    def d_step(real, noise):
        batch = np.concatenate([real, generator.predict(noise, verbose=0)])
        is_real = np.repeat([[1.0], [0.0]], [len(real), len(noise)], axis=0)
        discriminator.trainable = True
        return float(discriminator.train_on_batch(batch, is_real))

    def g_step(noise):
        discriminator.trainable = False
        return float(gan.train_on_batch(noise, np.ones((len(noise), 1))))

    return d_step, g_step

# %% must fail
{
    "check-d-learns": {"*": "moved the farthest weight by 2.0e-04"},
    "check-turns": {"*": "moved the farthest weight by 2.0e-04"},
    "check-g-learns": {"*": "moved the farthest weight by 2.0e-04"},
}
